{{ canonical_table('account_versions', {
    'account_id': 'text',
    'valid_from': 'timestamp',
    'valid_to': 'timestamp',
    'account_name': 'text',
    'domain': 'text',
    'parent_account_id': 'text',
    'owner_user_id': 'text',
    'industry': 'text',
    'country': 'text',
    'employees': 'integer',
}) }}
