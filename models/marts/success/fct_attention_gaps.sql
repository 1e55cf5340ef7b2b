with accounts as (
    select * from {{ ref('dim_accounts') }}
),

dues as (
    select * from {{ ref('int_attention_dues') }}
    where snapshot_date = {{ as_of_date() }}
),

owed as (
    select * from {{ ref('int_attention_owed') }}
),

hours as (
    select * from {{ ref('int_engagement_hours') }}
),

activities as (
    select
        account_id,
        activity_type,
        {{ local_date('occurred_at') }} as occurred_on
    from {{ ref('activities') }}
    where account_id is not null and is_two_way
),

parameters as (
    select
        max(case when parameter = 'attention_window_days' then cast(parameter_value as integer) end) as window_days,
        max(case when parameter = 'over_served_ratio' then parameter_value end) as over_served_ratio,
        max(case when parameter = 'neglected_share' then parameter_value end) as neglected_share
    from {{ ref('parameters') }}
    where valid_from <= {{ as_of_date() }} and (valid_to is null or {{ as_of_date() }} < valid_to)
),

-- Contacts are owed to a customer: those of the days before, when it was being sold to, are no answer to that.
made as (
    select
        activities.account_id,
        count(*) as touches_made,
        sum(case when activities.occurred_on < dues.customer_since then 0 else 1 end) as touches_counted,
        sum(case when activities.activity_type = 'meeting' then 1 else 0 end) as meetings_held
    from activities
    inner join dues
        on activities.account_id = dues.account_id
    cross join parameters
    where
        activities.occurred_on <= {{ as_of_date() }}
        and {{ days_between('activities.occurred_on', as_of_date()) }} < parameters.window_days
    group by activities.account_id
),

-- Where nobody tells of the contacts of an account, how many there were and what is late is not known.
counted as (
    select
        accounts.account_id,
        accounts.as_of_date,
        accounts.csm_user_id,
        accounts.segment,
        accounts.mrr,
        dues.customer_since,
        dues.touch_cadence_days,
        dues.last_touch_on,
        dues.touch_due_on,
        case when dues.contacts_are_told then {{ days_late('dues.touch_due_on', 'accounts.as_of_date') }} end as touch_days_overdue,
        cast(coalesce(owed.touches_owed, 0) as decimal(9, 4)) as touches_owed,
        case when dues.customer_since is not null then coalesce(hours.touch_hours + hours.review_hours, 0) else 0 end as hours_owed,
        cast(case when dues.contacts_are_told then coalesce(made.touches_made, 0) end as integer) as touches_made,
        cast(case when dues.contacts_are_told then coalesce(made.touches_counted, 0) end as integer) as touches_counted,
        cast(case when dues.contacts_are_told then coalesce(made.meetings_held, 0) end as integer) as meetings_held,
        dues.review_cadence_days,
        dues.last_review_on,
        dues.review_due_on,
        case when dues.contacts_are_told then {{ days_late('dues.review_due_on', 'accounts.as_of_date') }} end as review_days_overdue,
        dues.decision_maker_is_known = 1 as decision_maker_is_known,
        parameters.over_served_ratio,
        parameters.neglected_share,
        accounts.policy_version
    from accounts
    inner join dues
        on accounts.account_id = dues.account_id
    cross join parameters
    left join hours
        on accounts.segment = hours.segment
    left join owed
        on accounts.account_id = owed.account_id
    left join made
        on accounts.account_id = made.account_id
),

judged as (
    select
        *,
        case
            when customer_since is null then 'nothing_owed'
            when touch_days_overdue > touch_cadence_days and touches_counted < neglected_share * touches_owed then 'neglected'
            when touch_days_overdue > 0 or review_days_overdue > 0 then 'overdue'
            when touches_counted > over_served_ratio * greatest(touches_owed, 1) then 'over_served'
            when touch_cadence_days is null and review_cadence_days is null then 'nothing_owed'
            when touches_made is null then 'not_observed'
            else 'on_track'
        end as attention_status
    from counted
),

final as (
    select
        account_id,
        as_of_date,
        csm_user_id,
        segment,
        mrr,
        attention_status,
        case attention_status
            when 'neglected' then 'Two cadences without a contact, and far fewer contacts than the segment is owed.'
            when 'overdue' then 'A contact or a review that the segment is owed is late.'
            when 'over_served' then 'More contacts than the segment is owed.'
            when 'nothing_owed' then 'No contact is owed.'
            when 'not_observed' then 'The segment is owed contacts, and no system tells which there were.'
            else 'Nothing that the segment is owed is late.'
        end as reason,
        touch_cadence_days,
        last_touch_on,
        touch_due_on,
        touch_days_overdue,
        touches_owed,
        touches_made,
        touches_counted,
        meetings_held,
        review_cadence_days,
        last_review_on,
        review_due_on,
        review_days_overdue,
        cast(hours_owed as decimal(9, 4)) as hours_owed,
        decision_maker_is_known,
        policy_version
    from judged
)

select * from final
