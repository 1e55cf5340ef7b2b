with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

revenue as (
    select * from {{ ref('int_account_revenue') }}
    where is_customer = 1
),

parameters as (
    select * from {{ ref('parameters') }}
),

snapshot_dates as (
    select distinct snapshot_date from account_snapshots
),

settings as (
    select
        snapshot_dates.snapshot_date,
        max(case when parameters.parameter = 'validation_lead_days' then parameters.parameter_value end) as lead_days,
        max(case when parameters.parameter = 'validation_horizon_days' then parameters.parameter_value end) as horizon_days,
        max(case when parameters.parameter = 'renewal_term_months' then parameters.parameter_value end) as renewal_term_months
    from snapshot_dates
    inner join parameters
        on {{ holds_on('parameters', 'snapshot_dates.snapshot_date') }}
    group by snapshot_dates.snapshot_date
),

customers as (
    select
        revenue.account_id,
        revenue.snapshot_date,
        settings.lead_days,
        settings.lead_days + settings.horizon_days as watched_until_days,
        settings.renewal_term_months,
        revenue.cancellation_is_requested,
        {{ days_between('revenue.snapshot_date', 'revenue.renews_on') }} as days_to_renewal
    from revenue
    inner join settings
        on revenue.snapshot_date = settings.snapshot_date
),

-- Who has asked to leave has decided, whenever that takes effect. Who is not bound decides every month; who is bound, once a term: before and after it nothing is up for decision.
final as (
    select
        account_id,
        snapshot_date,
        case
            when cancellation_is_requested = 1 then cast(renewal_term_months as integer)
            when days_to_renewal is null then 1
            when days_to_renewal >= lead_days and days_to_renewal < watched_until_days then cast(renewal_term_months as integer)
            else 0
        end as months_up_for_decision
    from customers
)

select * from final
