{{ canonical_table('workspaces', {
    'workspace_id': 'text',
    'source_system': 'text',
    'account_reference': 'text',
    'account_reference_since': 'timestamp',
    'workspace_name': 'text',
    'workspace_name_since': 'timestamp',
    'domain': 'text',
    'domain_since': 'timestamp',
    'created_at': 'timestamp',
}) }}
