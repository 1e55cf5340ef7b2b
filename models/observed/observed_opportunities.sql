with opportunities as (
    select * from {{ ref('opportunities') }}
),

{{ observed('opportunities', 'opportunity_id', [
    'account_id', 'opportunity_type', 'stage_name', 'amount', 'closes_at', 'is_closed', 'is_won',
]) }}

select * from final
