{{ config(materialized='view') }}

{{ canonical_table('usage_events', {
    'event_id': 'text',
    'source_system': 'text',
    'workspace_id': 'text',
    'product_user_id': 'text',
    'event_name': 'text',
    'event_count': 'integer',
    'occurred_at': 'timestamp',
}) }}
