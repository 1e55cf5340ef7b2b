{{ config(enabled=system_is_on('segment')) }}

with tracks as (
    select * from {{ ref('stg_segment__tracks_read') }}
),

-- Read twice, under two names: DuckDB stores a CTE that is used twice, and that was five times the work.
ids as (
    select id_hash from {{ ref('stg_segment__tracks_read') }}
),

-- Ids are compared by a number: two of them may share one, which puts a sound row here without harm.
repeated as (
    {{ repeated_numbers('ids', 'id_hash') }}
),

suspects as (
    select
        tracks.id,
        tracks.user_id,
        tracks.context_group_id,
        tracks.event,
        tracks.occurred_at,
        tracks.loaded_at,
        tracks.id_hash,
        tracks.id as raw_key,
        {{ row_hash(['tracks.id', 'tracks.user_id', 'tracks.context_group_id', 'tracks.event', 'tracks.occurred_at']) }} as row_hash,
        tracks.broken_reason,
        tracks.broken_column
    from tracks
    left join repeated
        on tracks.id_hash = repeated.id_hash
    where tracks.broken_reason is not null or repeated.id_hash is not null
),

final as (
    {{ reject_and_deduplicate('suspects', ['id']) }}
)

select * from final
