{{ canonical_table('subscription_renewals', {
    'subscription_id': 'text',
    'source_system': 'text',
    'valid_from': 'timestamp',
    'valid_to': 'timestamp',
    'renews_at': 'timestamp',
}) }}
