{{ canonical_table('ticket_messages', {
    'ticket_id': 'text',
    'message_id': 'text',
    'source_system': 'text',
    'written_at': 'timestamp',
    'text_digest': 'text',
}) }}
