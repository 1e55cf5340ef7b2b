{{ canonical_table('tickets', {
    'ticket_id': 'text',
    'source_system': 'text',
    'support_organization_id': 'text',
    'priority': 'text',
    'ticket_kind': 'text',
    'created_at': 'timestamp',
    'csat_rating': 'number',
    'csat_rated_at': 'timestamp',
}) }}
