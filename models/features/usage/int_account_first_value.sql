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
        max(has_value) over (
            partition by account_id order by snapshot_date
            rows between unbounded preceding and current row
        ) as has_first_value,
        min(case when has_value = 1 then snapshot_date end) over (
            partition by account_id order by snapshot_date
            rows between unbounded preceding and current row
        ) as first_value_on
    from reached
),

final as (
    select running.*
    from running
    inner join rebuilds
        on
            running.account_id = rebuilds.account_id
            and running.snapshot_date >= rebuilds.read_from
)

select * from final
