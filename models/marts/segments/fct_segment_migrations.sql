with months as (
    select
        *,
        cast(row_number() over (order by month) as integer) as month_number
    from {{ ref('int_months') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
),

owner_movements as (
    select * from {{ ref('int_owner_movements') }}
    where window_months = 1
),

held as (
    select
        assignments.account_id,
        assignments.segment_scheme,
        assignments.segment,
        months.month_number
    from assignments
    inner join months
        on {{ holds_on('assignments', 'months.observed_on') }}
),

-- The segment at a month's end is where the next month starts from.
sides as (
    select
        account_id,
        segment_scheme,
        month_number,
        cast(null as {{ dbt.type_string() }}) as from_segment,
        segment as to_segment
    from held
    union all
    select
        account_id,
        segment_scheme,
        month_number + 1 as month_number,
        segment as from_segment,
        cast(null as {{ dbt.type_string() }}) as to_segment
    from held
),

moved as (
    select
        account_id,
        segment_scheme,
        month_number,
        coalesce(max(from_segment), 'no_segment') as from_segment,
        coalesce(max(to_segment), 'no_segment') as to_segment
    from sides
    group by account_id, segment_scheme, month_number
),

final as (
    select
        months.month,
        moved.segment_scheme,
        moved.from_segment,
        moved.to_segment,
        moved.from_segment <> moved.to_segment as is_move,
        cast(count(*) as integer) as accounts,
        cast(sum(coalesce(owner_movements.opening_mrr, 0)) as decimal(18, 4)) as opening_mrr,
        cast(sum(coalesce(owner_movements.closing_mrr, 0)) as decimal(18, 4)) as closing_mrr,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        months.is_complete
    from moved
    inner join months
        on moved.month_number = months.month_number
    left join owner_movements
        on moved.account_id = owner_movements.account_id and months.month = owner_movements.month
    group by months.month, months.is_complete, moved.segment_scheme, moved.from_segment, moved.to_segment
)

select * from final
