with opportunities as (
    select * from {{ ref('opportunities') }}
),

observed as (
    select * from {{ ref('observed_opportunities') }}
),

windows as (
    {{ observed_windows('observed', 'opportunity_id', [
        'account_id', 'opportunity_type', 'stage_name', 'amount', 'closes_at', 'is_closed', 'is_won',
    ]) }}
),

-- What the source took away is gone for the past, too.
known as (
    select
        opportunities.opportunity_id,
        {{ local_date('opportunities.created_at') }} as opened_on,
        windows.account_id,
        windows.opportunity_type,
        windows.stage_name,
        windows.amount,
        case when windows.is_closed then {{ local_date('windows.closes_at') }} end as closed_on,
        windows.is_won,
        windows.valid_from,
        windows.valid_to
    from opportunities
    inner join windows
        on opportunities.opportunity_id = windows.opportunity_id
),

final as (
    select
        opportunity_id,
        opened_on,
        account_id,
        opportunity_type,
        stage_name,
        amount,
        closed_on,
        is_won,
        greatest(coalesce(valid_from, opened_on), opened_on) as valid_from,
        valid_to
    from known
    where valid_to is null or valid_to > opened_on
)

select * from final
