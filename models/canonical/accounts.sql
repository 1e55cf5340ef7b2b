{{ canonical_table('accounts', {
    'account_id': 'text',
    'source_system': 'text',
    'source_account_id': 'text',
    'account_number': 'text',
    'merged_into_account_id': 'text',
    'created_at': 'timestamp',
    'deleted_at': 'timestamp',
}) }}
