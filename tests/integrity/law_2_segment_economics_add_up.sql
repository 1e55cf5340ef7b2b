-- Asserts: in every month of the history the revenue of all segments is the MRR of all accounts, the margin is revenue less cost, and
-- the activities are those of accounts that were there on their day (law 2, additive).
-- Matters: always; a margin that does not reconcile with the revenue is believed by nobody.
-- Resolve: an account finds at most one segment a day, and no_segment before its first; every type of activity must have its minutes in efforts.csv.
with economics as (
    select * from {{ ref('fct_segment_economics') }}
),

mrr as (
    select
        month,
        sum(mrr) as mrr
    from {{ ref('fct_account_mrr') }}
    where account_id is not null
    group by month
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

activities as (
    select
        account_id,
        {{ local_date('occurred_at') }} as occurred_on
    from {{ ref('activities') }}
),

done as (
    select
        cast({{ dbt.date_trunc('month', 'activities.occurred_on') }} as date) as month,
        count(*) as activities
    from activities
    inner join lives
        on
            activities.account_id = lives.account_id
            and {{ holds_on('lives', 'activities.occurred_on', 'born_on', 'died_on') }}
    where
        activities.occurred_on >= cast({{ dbt.date_trunc('month', "cast('" ~ var('history_start_date') ~ "' as date)") }} as date)
        and activities.occurred_on <= {{ as_of_date() }}
    group by cast({{ dbt.date_trunc('month', 'activities.occurred_on') }} as date)
),

totals as (
    select
        month,
        sum(revenue) as revenue,
        sum(activities) as activities,
        sum(case when revenue - cost_to_serve <> margin or (activities + tickets = 0) <> (hours_spent = 0) then 1 else 0 end) as broken_rows
    from economics
    group by month
)

select
    totals.month,
    totals.revenue,
    mrr.mrr,
    totals.activities,
    done.activities as activities_done,
    totals.broken_rows
from totals
left join mrr
    on totals.month = mrr.month
left join done
    on totals.month = done.month
where
    totals.revenue <> coalesce(mrr.mrr, 0)
    or totals.activities <> coalesce(done.activities, 0)
    or totals.broken_rows > 0
