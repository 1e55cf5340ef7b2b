-- Asserts: the accounts that end a month in a segment are those that fct_segment_assignments has there, and those that the next month
-- starts from, with their MRR; and the MRR that a segment starts a month with is the opening of fct_revenue_retention (law 2, additive).
-- Matters: always; without it a move could be counted twice, or not at all.
-- Resolve: an account must be in one interval at every month end; look at the sides of fct_segment_migrations.
with months as (
    select
        *,
        row_number() over (order by month) as month_number
    from {{ ref('int_months') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
),

retention as (
    select * from {{ ref('fct_revenue_retention') }}
    where segment_scheme <> 'total' and segment <> 'no_segment'
),

migrations as (
    select
        migrations.*,
        months.month_number
    from {{ ref('fct_segment_migrations') }} as migrations
    inner join months
        on migrations.month = months.month
),

held as (
    select
        months.month_number,
        assignments.segment_scheme,
        assignments.segment,
        count(*) as accounts
    from assignments
    inner join months
        on {{ holds_on('assignments', 'months.observed_on') }}
    group by months.month_number, assignments.segment_scheme, assignments.segment
),

ended as (
    select
        month_number,
        segment_scheme,
        to_segment as segment,
        sum(accounts) as accounts,
        sum(closing_mrr) as mrr
    from migrations
    where to_segment <> 'no_segment'
    group by month_number, segment_scheme, to_segment
),

started as (
    select
        month,
        month_number,
        segment_scheme,
        from_segment as segment,
        sum(accounts) as accounts,
        sum(opening_mrr) as mrr
    from migrations
    where from_segment <> 'no_segment'
    group by month, month_number, segment_scheme, from_segment
)

select
    'assignments' as broken,
    coalesce(held.month_number, ended.month_number) as month_number,
    coalesce(held.segment, ended.segment) as segment
from held
full outer join ended
    on
        held.month_number = ended.month_number
        and held.segment_scheme = ended.segment_scheme
        and held.segment = ended.segment
where held.accounts is distinct from ended.accounts
union all
select
    'chain' as broken,
    ended.month_number,
    ended.segment
from ended
inner join months
    on ended.month_number + 1 = months.month_number
left join started
    on
        months.month_number = started.month_number
        and ended.segment_scheme = started.segment_scheme
        and ended.segment = started.segment
where ended.accounts is distinct from started.accounts or ended.mrr is distinct from started.mrr
union all
select
    'retention' as broken,
    started.month_number,
    started.segment
from started
left join retention
    on
        started.month = retention.month
        and started.segment_scheme = retention.segment_scheme
        and started.segment = retention.segment
where started.mrr <> coalesce(retention.opening_mrr, 0)
