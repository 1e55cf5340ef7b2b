with accounts as (
    select
        *,
        coalesce(csm_user_id, 'no_csm') as portfolio
    from {{ ref('dim_accounts') }}
    where is_customer
),

hours as (
    select * from {{ ref('int_engagement_hours') }}
),

gaps as (
    select * from {{ ref('fct_attention_gaps') }}
),

actions as (
    select
        account_id,
        count(*) as open_actions
    from {{ ref('fct_recommended_actions') }}
    where action_status = 'open'
    group by account_id
),

-- The lowest band of health, whatever policy calls it.
lowest_bands as (
    select * from {{ ref('int_bands') }} as bands
    where band_set = 'health' and band_order = 1 and {{ holds_on('bands', as_of_date()) }}
),

placed as (
    select
        accounts.*,
        hours.touch_hours + hours.review_hours as hours_owed,
        hours.share_of_csm,
        hours.capacity_hours,
        hours.is_owed,
        gaps.attention_status,
        coalesce(actions.open_actions, 0) as open_actions,
        coalesce(accounts.stage = 'at_risk', false) or lowest_bands.band is not null as is_at_risk
    from accounts
    inner join hours
        on accounts.segment = hours.segment
    inner join gaps
        on accounts.account_id = gaps.account_id
    left join actions
        on accounts.account_id = actions.account_id
    left join lowest_bands
        on accounts.health_band = lowest_bands.band
),

totals as (
    select
        portfolio as csm_user_id,
        max(as_of_date) as as_of_date,
        cast(count(*) as integer) as accounts,
        cast(sum(mrr) as decimal(18, 4)) as mrr,
        cast(count(distinct case when is_owed then segment end) as integer) as segments_juggled,
        cast(sum(hours_owed) as decimal(18, 4)) as hours_owed,
        cast(sum(share_of_csm) as decimal(18, 6)) as load_by_accounts,
        cast(case when portfolio <> 'no_csm' then max(capacity_hours) end as decimal(18, 4)) as capacity_hours,
        cast(sum(case when is_at_risk then 1 else 0 end) as integer) as accounts_at_risk,
        cast(sum(case when is_at_risk then mrr else 0 end) as decimal(18, 4)) as mrr_at_risk,
        cast(case when {{ is_connected('activities') }} then sum(case when attention_status in ('overdue', 'neglected') then 1 else 0 end) end as integer) as accounts_overdue,
        cast(case when {{ is_connected('activities') }} then sum(case when attention_status = 'over_served' then 1 else 0 end) end as integer) as accounts_over_served,
        cast(sum(open_actions) as integer) as open_actions,
        max(policy_version) as policy_version
    from placed
    group by portfolio
),

final as (
    select
        csm_user_id,
        as_of_date,
        accounts,
        mrr,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        segments_juggled,
        hours_owed,
        capacity_hours,
        cast({{ divide_exact('hours_owed', 'capacity_hours', 4) }} as decimal(18, 4)) as load_by_hours,
        load_by_accounts,
        coalesce(hours_owed > capacity_hours, false) as is_over_capacity,
        accounts_at_risk,
        mrr_at_risk,
        accounts_overdue,
        accounts_over_served,
        open_actions,
        policy_version
    from totals
)

select * from final
