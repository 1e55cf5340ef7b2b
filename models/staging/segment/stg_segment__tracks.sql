{{ config(enabled=system_is_on('segment'), materialized='view') }}

-- The big table is not written again: a row is taken as it comes, unless it is among the few that had to be decided on.
with tracks as (
    select * from {{ ref('stg_segment__tracks_read') }}
),

settled as (
    select * from {{ ref('stg_segment__tracks_settled') }}
),

decided_on as (
    select distinct id_hash from settled
    where id_hash is not null
),

final as (
    select
        tracks.id,
        tracks.user_id,
        tracks.context_group_id,
        tracks.event,
        tracks.occurred_at,
        tracks.loaded_at,
        tracks.id as raw_key,
        cast(null as {{ dbt.type_string() }}) as row_hash,
        cast(null as {{ dbt.type_string() }}) as rejected_reason,
        cast(null as {{ dbt.type_string() }}) as rejected_column
    from tracks
    left join decided_on
        on tracks.id_hash = decided_on.id_hash
    where tracks.broken_reason is null and decided_on.id_hash is null
    union all
    select
        id,
        user_id,
        context_group_id,
        event,
        occurred_at,
        loaded_at,
        raw_key,
        row_hash,
        rejected_reason,
        rejected_column
    from settled
)

select * from final
