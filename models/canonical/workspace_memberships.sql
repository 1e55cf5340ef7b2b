{{ canonical_table('workspace_memberships', {
    'product_user_id': 'text',
    'source_system': 'text',
    'workspace_id': 'text',
    'valid_from': 'date',
    'valid_to': 'date',
}) }}
