{{ canonical_table('ticket_sentiments', {
    'ticket_id': 'text',
    'message_id': 'text',
    'source_system': 'text',
    'text_digest': 'text',
    'model': 'text',
    'model_version': 'text',
    'language': 'text',
    'sentiment_status': 'text',
    'sentiment_score': 'money',
}) }}
