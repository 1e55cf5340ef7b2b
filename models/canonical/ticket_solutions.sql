{{ canonical_table('ticket_solutions', {
    'ticket_id': 'text',
    'source_system': 'text',
    'solved_at': 'timestamp',
    'reopened_at': 'timestamp',
    'reopening_is_told': 'boolean',
}) }}
