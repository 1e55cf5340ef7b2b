-- A table, for five mappings look their accounts up here.
{{ config(enabled=system_is_on('salesforce'), materialized='table') }}

with rows_delivered as (
    select * from {{ ref('stg_salesforce__account') }}
    where rejected_reason is null or rejected_reason = 'duplicate'
),

spans as (
    select * from {{ ref('salesforce__account_spans') }}
),

current_rows as (
    select * from rows_delivered
    where rejected_reason is null
),

-- The first time each thing was seen, so that a row delivered again later moves no date.
first_loads as (
    select
        id,
        min(loaded_at) as first_loaded_at,
        min(case when is_deleted then loaded_at end) as first_deleted_at
    from rows_delivered
    group by id
),

keys as (
    select id from current_rows
    union
    select id from spans
),

-- An account whose own row is not there, but whose history is, was deleted for good: its last version says until when it lived.
dated as (
    select
        keys.id,
        current_rows.account_number,
        coalesce(current_rows.master_record_id, spans.master_record_id) as master_record_id,
        coalesce(current_rows.created_date, spans.created_date, spans.first_started_at, first_loads.first_loaded_at) as created_at,
        coalesce(
            spans.gone_from,
            case when current_rows.id is null then spans.closed_at end,
            case
                when current_rows.is_deleted or current_rows.master_record_id is not null
                    then coalesce(first_loads.first_deleted_at, first_loads.first_loaded_at)
            end
        ) as deleted_at
    from keys
    left join current_rows
        on keys.id = current_rows.id
    left join first_loads
        on keys.id = first_loads.id
    left join spans
        on keys.id = spans.id
),

final as (
    select
        {{ source_key('salesforce', 'id') }} as account_id,
        'salesforce' as source_system,
        id as source_account_id,
        account_number,
        {{ source_key('salesforce', 'master_record_id') }} as merged_into_account_id,
        created_at,
        case when deleted_at < created_at then created_at else deleted_at end as deleted_at
    from dated
)

select * from final
