{{ config(enabled=system_is_on('salesforce'), materialized='view') }}

with history as (
    select * from {{ ref('stg_salesforce__account_history') }}
    where rejected_reason is null
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

final as (
    select
        spans.id,
        spans.first_started_at,
        spans.created_date,
        spans.closed_at,
        spans.master_record_id,
        ends.gone_from
    from spans
    left join ends
        on spans.id = ends.id
)

select * from final
