with reached as (
    select * from {{ ref('int_account_value_reached') }}
),

rebuilds as (
    select * from {{ ref('int_rebuilds') }}
),

running as (
    select
        account_id,
        snapshot_date,
        has_value,
        max(has_value) over (
            partition by account_id order by snapshot_date
            rows between unbounded preceding and current row
        ) as has_had_value,
        min(case when has_value = 1 then snapshot_date end) over (
            partition by account_id order by snapshot_date
            rows between unbounded preceding and current row
        ) as first_value_on
    from reached
),

-- What was reached stays; what cannot be told today was none before, for who pays nothing has no value.
final as (
    select
        running.account_id,
        running.snapshot_date,
        case when running.has_had_value = 1 then 1 else running.has_value end as has_first_value,
        running.first_value_on
    from running
    inner join rebuilds
        on
            running.account_id = rebuilds.account_id
            and running.snapshot_date >= rebuilds.read_from
)

select * from final
