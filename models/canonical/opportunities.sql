{{ canonical_table('opportunities', {
    'opportunity_id': 'text',
    'source_system': 'text',
    'account_id': 'text',
    'opportunity_type': 'text',
    'stage_name': 'text',
    'amount': 'money',
    'created_at': 'timestamp',
    'closes_at': 'timestamp',
    'is_closed': 'boolean',
    'is_won': 'boolean',
}) }}
