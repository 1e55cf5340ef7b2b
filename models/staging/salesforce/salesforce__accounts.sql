{{ config(enabled=system_is_on('salesforce'), materialized='view') }}

with rows_delivered as (
    select * from {{ ref('stg_salesforce__account') }}
    where rejected_reason is null or rejected_reason = 'duplicate'
),

history as (
    select * from {{ ref('stg_salesforce__account_history') }}
    where rejected_reason is null
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

-- Merged away and deleted end a life alike.
versions as (
    select
        id,
        _fivetran_start,
        case when _fivetran_end < '9999-01-01' then _fivetran_end end as closed_at,
        case when created_date >= '2000-01-01' then created_date end as created_date,
        master_record_id,
        coalesce(is_deleted, false) or master_record_id is not null as is_gone,
        row_number() over (partition by id order by _fivetran_start desc) as versions_to_the_end
    from history
),

spans as (
    select
        id,
        min(_fivetran_start) as first_started_at,
        min(created_date) as created_date,
        max(case when not is_gone then _fivetran_start end) as last_alive_from,
        max(case when versions_to_the_end = 1 then closed_at end) as closed_at,
        max(case when versions_to_the_end = 1 then master_record_id end) as master_record_id
    from versions
    group by id
),

-- The end is the first version that is gone and stays gone; an account that was restored lives.
ends as (
    select
        versions.id,
        min(versions._fivetran_start) as gone_from
    from versions
    inner join spans
        on versions.id = spans.id
    where
        versions.is_gone
        and (spans.last_alive_from is null or versions._fivetran_start > spans.last_alive_from)
    group by versions.id
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
            ends.gone_from,
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
    left join ends
        on keys.id = ends.id
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
