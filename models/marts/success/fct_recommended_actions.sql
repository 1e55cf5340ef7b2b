with runs as (
    select
        *,
        last_due_on as snapshot_date
    from {{ ref('int_play_runs') }}
    where last_due_on = {{ as_of_date() }}
),

openings as (
    select
        account_id,
        opening_rule_set as rule_set,
        first_due_on as snapshot_date,
        opening_rule_id as rule_id
    from runs
),

plays as (
    select * from {{ ref('plays') }} as plays
    where {{ holds_on('plays', as_of_date()) }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

dues as (
    select * from {{ ref('int_attention_dues') }}
    where snapshot_date = {{ as_of_date() }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

seen as (
    {{ rule_values_seen('chosen.rule_set', 'runs', ref('int_play_inputs'), 'plays') }}
),

seen_at_opening as (
    {{ rule_values_seen('chosen.rule_set', 'openings', ref('int_play_inputs'), 'plays') }}
),

ranked as (
    select
        runs.*,
        plays.play_group,
        plays.priority,
        plays.owner_role,
        plays.action,
        {{ add_days(snapshot_period_end('runs.opened_on'), 'plays.due_days') }} as due_on,
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
        ranked.due_on,
        ranked.due_on < accounts.as_of_date and coalesce(dues.last_touch_on < ranked.opened_on, true) as is_overdue,
        ranked.due_since,
        ranked.times_raised,
        case when dues.last_touch_on >= ranked.opened_on then dues.last_touch_on end as contacted_on,
        accounts.mrr,
        ranked.rule_id,
        ranked.reason,
        seen.values_seen,
        ranked.opening_reason,
        seen_at_opening.values_seen as opening_values_seen,
        versions.policy_version
    from ranked
    inner join accounts
        on ranked.account_id = accounts.account_id
    left join seen
        on
            ranked.account_id = seen.account_id
            and ranked.snapshot_date = seen.snapshot_date
            and ranked.rule_set = seen.rule_set
            and ranked.rule_id = seen.rule_id
    left join seen_at_opening
        on
            ranked.account_id = seen_at_opening.account_id
            and ranked.first_due_on = seen_at_opening.snapshot_date
            and ranked.opening_rule_set = seen_at_opening.rule_set
            and ranked.opening_rule_id = seen_at_opening.rule_id
    left join dues
        on ranked.account_id = dues.account_id
    left join versions
        on {{ holds_on('versions', as_of_date()) }}
)

select * from final
