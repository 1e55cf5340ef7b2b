with events as (
    select * from {{ ref('int_milestone_events') }}
),

milestones as (
    select * from {{ ref('milestones') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

snapshots as (
    select min(snapshot_date) as first_date from {{ ref('int_snapshots') }}
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
        -- Value is looked for at snapshots, so the first of them cannot tell what was reached on it from what was reached before.
        events.milestone_event = 'value' and events.happened_on = snapshots.first_date and lives.born_on < snapshots.first_date as reached_before_history
    from events
    inner join milestones
        on
            events.milestone_event = milestones.milestone_event
            and (milestones.feature is null or events.feature = milestones.feature)
            and {{ holds_on('milestones', 'events.happened_on') }}
    inner join lives
        on events.account_id = lives.account_id
    cross join snapshots
    left join starts
        on events.account_id = starts.account_id
),

final as (
    select
        placed.account_id,
        placed.milestone,
        placed.milestone_order,
        placed.feature,
        placed.reached_on,
        placed.reached_before_history,
        placed.started_on,
        cast(case when not placed.reached_before_history then {{ days_between('placed.started_on', 'placed.reached_on') }} end as integer) as days_since_start,
        cast(case when not placed.reached_before_history then {{ days_between('placed.contract_on', 'placed.reached_on') }} end as integer) as days_since_contract,
        versions.policy_version
    from placed
    left join versions
        on {{ holds_on('versions', 'placed.reached_on') }}
)

select * from final
