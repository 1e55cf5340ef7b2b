with events as (
    select * from {{ ref('int_milestone_events') }}
),

milestones as (
    select * from {{ ref('milestones') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

sources as (
    select * from {{ ref('int_account_usage_sources') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

-- The clock of time to value: the first subscription, on trial or paid.
starts as (
    select
        account_id,
        min(happened_on) as started_on,
        min(case when milestone_event = 'contract' then happened_on end) as contract_on
    from events
    where milestone_event in ('trial', 'contract')
    group by account_id
),

-- Since when use of the account was observed, as known on the day of what it was used for first.
observed as (
    select
        events.account_id,
        events.happened_on,
        min(sources.observed_from) as observed_from
    from events
    inner join sources
        on
            events.account_id = sources.account_id
            and events.happened_on >= sources.valid_from
            and events.happened_on >= sources.observed_from
    where events.milestone_event in ('use', 'feature', 'core_feature', 'value')
    group by events.account_id, events.happened_on
),

placed as (
    select
        events.account_id,
        case
            when milestones.milestone_event = 'core_feature' then milestones.milestone || ':' || events.feature
            else milestones.milestone
        end as milestone,
        milestones.milestone_order,
        events.milestone_event,
        events.feature,
        events.happened_on as reached_on,
        case when starts.started_on <= events.happened_on then starts.started_on end as started_on,
        case when starts.contract_on <= events.happened_on then starts.contract_on end as contract_on,
        events.milestone_event in ('use', 'feature', 'core_feature', 'value') as is_use,
        lives.born_on,
        observed.observed_from,
        -- Value is looked for at snapshots, and only paying accounts have it: who paid before the first of them may have had it before, and lost it.
        events.milestone_event = 'value' and starts.contract_on < cast('{{ var("history_start_date") }}' as date) as is_of_before
    from events
    inner join milestones
        on
            events.milestone_event = milestones.milestone_event
            and (milestones.feature is null or events.feature = milestones.feature)
            and {{ holds_on('milestones', 'events.happened_on') }}
    inner join lives
        on events.account_id = lives.account_id
    left join starts
        on events.account_id = starts.account_id
    left join observed
        on
            events.account_id = observed.account_id
            and events.happened_on = observed.happened_on
),

-- Who began before use was observed may have used before what was seen first.
judged as (
    select
        *,
        coalesce(is_of_before, false) or (is_use and coalesce(coalesce(started_on, born_on) < observed_from, false)) as reached_before_history
    from placed
),

final as (
    select
        judged.account_id,
        judged.milestone,
        judged.milestone_order,
        judged.feature,
        judged.reached_on,
        judged.reached_before_history,
        judged.started_on,
        cast(case when not judged.reached_before_history then {{ days_between('judged.started_on', 'judged.reached_on') }} end as integer) as days_since_start,
        cast(case when not judged.reached_before_history then {{ days_between('judged.contract_on', 'judged.reached_on') }} end as integer) as days_since_contract,
        versions.policy_version
    from judged
    left join versions
        on {{ holds_on('versions', 'judged.reached_on') }}
)

select * from final
