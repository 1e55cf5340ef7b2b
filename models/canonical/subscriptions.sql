{{ canonical_table('subscriptions', {
    'subscription_id': 'text',
    'source_system': 'text',
    'customer_id': 'text',
    'started_at': 'timestamp',
    'trial_ends_at': 'timestamp',
    'paid_from': 'timestamp',
    'ended_at': 'timestamp',
}) }}
