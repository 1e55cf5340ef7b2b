with health as (
    select * from {{ ref('fct_health_overrides') }}
),

segments as (
    select * from {{ ref('fct_segment_overrides') }}
),

judged as (
    select
        'health' as subject,
        override_author,
        verdict
    from health
    union all
    select
        segment_scheme,
        override_author,
        verdict
    from segments
),

placed as (
    select * from judged
    union all
    select
        subject,
        'all_authors',
        verdict
    from judged
),

totals as (
    select
        subject,
        coalesce(override_author, 'not_named') as override_author,
        cast(count(*) as integer) as overrides,
        cast(sum(case when verdict = 'right' then 1 else 0 end) as integer) as overrides_right,
        cast(sum(case when verdict = 'wrong' then 1 else 0 end) as integer) as overrides_wrong,
        cast(sum(case when verdict = 'open' then 1 else 0 end) as integer) as overrides_open,
        cast(sum(case when verdict = 'cannot_tell' then 1 else 0 end) as integer) as overrides_untold
    from placed
    group by subject, coalesce(override_author, 'not_named')
),

final as (
    select
        subject,
        override_author,
        overrides,
        overrides_right,
        overrides_wrong,
        overrides_open,
        overrides_untold,
        cast({{ divide_exact('overrides_right', 'overrides_right + overrides_wrong', 6) }} as decimal(18, 6)) as hit_rate
    from totals
)

select * from final
