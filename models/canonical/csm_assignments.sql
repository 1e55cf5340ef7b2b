{{ canonical_table('csm_assignments', {
    'account_id': 'text',
    'csm_user_id': 'text',
    'valid_from': 'timestamp',
    'valid_to': 'timestamp',
}) }}
