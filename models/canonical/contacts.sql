{{ canonical_table('contacts', {
    'contact_id': 'text',
    'source_system': 'text',
    'account_id': 'text',
    'email': 'text',
    'title': 'text',
    'contact_role': 'text',
    'created_at': 'timestamp',
    'left_at': 'timestamp',
}) }}
