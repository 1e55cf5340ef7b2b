with runs as (
    select
        *,
        last_due_on as snapshot_date
    from {{ ref('int_play_runs') }}
    where last_due_on = {{ as_of_date() }}
),

plays as (
    select * from {{ ref('plays') }} as plays
    where {{ holds_on('plays', as_of_date()) }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

seen as (
    {{ rule_values_seen('chosen.rule_set', 'runs', ref('int_play_inputs'), 'plays') }}
),

ranked as (
    select
        runs.*,
        plays.play_group,
        plays.priority,
        plays.owner_role,
        plays.action,
        plays.due_days,
        first_value(runs.play) over (
            partition by runs.account_id, plays.play_group order by plays.priority, {{ binary_order('runs.play') }}
            rows between unbounded preceding and current row
        ) as running_play
    from runs
    inner join plays
        on runs.play = plays.play
),

final as (
    select
        ranked.account_id || ':' || ranked.play || ':' || cast(ranked.opened_on as {{ dbt.type_string() }}) as action_id,
        ranked.account_id,
        ranked.play,
        accounts.as_of_date,
        case when ranked.running_play = ranked.play then 'open' else 'suppressed' end as action_status,
        case when ranked.running_play <> ranked.play then ranked.running_play end as suppressed_by,
        ranked.play_group,
        ranked.priority,
        ranked.action,
        ranked.owner_role,
        accounts.csm_user_id,
        ranked.opened_on,
        {{ add_days('ranked.opened_on', 'ranked.due_days') }} as due_on,
        {{ add_days('ranked.opened_on', 'ranked.due_days') }} < accounts.as_of_date as is_overdue,
        accounts.mrr,
        ranked.rule_id,
        ranked.reason,
        seen.values_seen,
        versions.policy_version
    from ranked
    inner join accounts
        on ranked.account_id = accounts.account_id
    left join seen
        on ranked.account_id = seen.account_id and ranked.rule_set = seen.rule_set
    left join versions
        on {{ holds_on('versions', as_of_date()) }}
)

select * from final
