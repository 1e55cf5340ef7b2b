with friction as (
    select * from {{ ref('fct_journey_friction') }}
    where verdict = 'more'
),

windows as (
    select * from {{ ref('friction_windows') }}
),

reached as (
    select * from {{ ref('fct_journey_milestones') }}
),

milestones as (
    select * from {{ ref('milestones') }}
),

features as (
    select * from {{ ref('account_features') }}
    where snapshot_date = (select max(snapshot_date) from {{ ref('int_snapshots') }})
),

spells as (
    select * from {{ ref('int_friction_spells') }}
),

segments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

parameters as (
    select cast({{ parameter_value('friction_watch_days') }} as integer) as watch_days
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

-- Of what is still to come only the end of a term is known beforehand.
due as (
    select
        account_id,
        milestone,
        reached_on as milestone_on,
        true as is_reached
    from reached
    where not reached_before_history
    union all
    select
        features.account_id,
        milestones.milestone,
        {{ add_days('features.snapshot_date', 'cast(features.days_to_renewal as integer)') }} as milestone_on,
        false as is_reached
    from features
    inner join milestones
        on
            milestones.milestone_event = 'renewal'
            and {{ holds_on('milestones', as_of_date()) }}
    left join reached
        on
            features.account_id = reached.account_id
            and milestones.milestone = reached.milestone
    where features.days_to_renewal is not null and reached.account_id is null
),

dated as (
    select
        due.*,
        windows.friction_window,
        {{ add_days('due.milestone_on', 'windows.from_day') }} as window_from,
        {{ add_days('due.milestone_on', 'windows.until_day') }} as window_until
    from due
    inner join windows
        on
            due.milestone = windows.milestone
            and {{ holds_on('windows', as_of_date()) }}
),

-- What is known of the account's own segment goes before what is known of all accounts.
known as (
    select
        dated.*,
        friction.trouble,
        friction.segment,
        friction.contact_ratio,
        friction.ratio_lower,
        friction.ratio_upper,
        row_number() over (
            partition by dated.account_id, dated.friction_window, friction.trouble
            order by case when friction.segment = 'all_accounts' then 1 else 0 end
        ) as choice
    from dated
    cross join parameters
    inner join spells
        on
            dated.account_id = spells.account_id
            and {{ holds_on('spells', as_of_date(), 'counted_from', 'counted_until') }}
    left join segments
        on
            dated.account_id = segments.account_id
            and {{ holds_on('segments', as_of_date()) }}
    inner join friction
        on
            dated.milestone = friction.milestone
            and dated.friction_window = friction.friction_window
            and friction.segment in ('all_accounts', coalesce(segments.segment, 'no_segment'))
    where
        dated.window_from <= {{ add_days(as_of_date(), 'parameters.watch_days') }}
        and dated.window_until > {{ as_of_date() }}
),

final as (
    select
        account_id,
        milestone,
        friction_window,
        trouble,
        milestone_on,
        is_reached,
        window_from,
        window_until,
        window_from <= {{ as_of_date() }} as is_in_window,
        segment as known_for,
        contact_ratio,
        ratio_lower,
        ratio_upper
    from known
    where choice = 1
)

select * from final
