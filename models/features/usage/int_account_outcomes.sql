with first_value as (
    select * from {{ ref('int_account_first_value') }}
),

usage as (
    select * from {{ ref('int_account_usage') }}
),

revenue as (
    select * from {{ ref('int_account_revenue') }}
),

-- Who paid before the history begins, or before use is observed, may have had value before anybody looked.
judged as (
    select
        first_value.account_id,
        first_value.snapshot_date,
        first_value.first_value_on,
        revenue.first_paid_on,
        case
            when
                first_value.has_first_value = 1
                and revenue.first_paid_on >= cast('{{ var("history_start_date") }}' as date)
                and (usage.unknown_before is null or revenue.first_paid_on >= usage.unknown_before)
                then 1
            else 0
        end as first_value_was_seen
    from first_value
    inner join usage
        on first_value.account_id = usage.account_id and first_value.snapshot_date = usage.snapshot_date
    inner join revenue
        on first_value.account_id = revenue.account_id and first_value.snapshot_date = revenue.snapshot_date
),

final as (
    select
        account_id,
        snapshot_date,
        first_value_was_seen,
        case when first_value_was_seen = 1 then greatest({{ days_between('first_paid_on', 'first_value_on') }}, 0) end as days_to_first_value
    from judged
)

select * from final
