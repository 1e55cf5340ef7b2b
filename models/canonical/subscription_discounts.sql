{{ canonical_table('subscription_discounts', {
    'subscription_discount_id': 'text',
    'source_system': 'text',
    'subscription_id': 'text',
    'valid_from': 'timestamp',
    'valid_to': 'timestamp',
    'percent_off': 'money',
    'amount_off': 'money',
}) }}
