{{ canonical_table('activities', {
    'activity_id': 'text',
    'source_system': 'text',
    'account_id': 'text',
    'contact_id': 'text',
    'owner_user_id': 'text',
    'activity_type': 'text',
    'is_two_way': 'boolean',
    'occurred_at': 'timestamp',
}) }}
