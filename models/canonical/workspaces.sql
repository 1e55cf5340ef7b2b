{{ canonical_table('workspaces', {
    'workspace_id': 'text',
    'source_system': 'text',
    'account_reference': 'text',
    'workspace_name': 'text',
    'domain': 'text',
    'created_at': 'timestamp',
}) }}
