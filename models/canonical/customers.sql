{{ canonical_table('customers', {
    'customer_id': 'text',
    'source_system': 'text',
    'account_reference': 'text',
    'customer_name': 'text',
    'domain': 'text',
    'created_at': 'timestamp',
}) }}
