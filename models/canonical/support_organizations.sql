{{ canonical_table('support_organizations', {
    'support_organization_id': 'text',
    'source_system': 'text',
    'account_reference': 'text',
    'organization_name': 'text',
    'domain': 'text',
    'created_at': 'timestamp',
}) }}
