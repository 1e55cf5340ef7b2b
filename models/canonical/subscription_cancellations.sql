{{ canonical_table('subscription_cancellations', {
    'subscription_id': 'text',
    'source_system': 'text',
    'requested_at': 'timestamp',
    'revoked_at': 'timestamp',
}) }}
