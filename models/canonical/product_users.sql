{{ config(materialized='view') }}

{{ canonical_table('product_users', {
    'product_user_id': 'text',
    'source_system': 'text',
    'workspace_id': 'text',
    'first_seen_at': 'timestamp',
}) }}
