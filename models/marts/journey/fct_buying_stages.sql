with assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'buying_stage'
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

snapshots as (
    select min(snapshot_date) as first_date from {{ ref('int_snapshots') }}
),

-- A visit lasts over the intervals in which the answer stayed and its reason changed.
visits as (
    select
        account_id,
        segment,
        segment_since,
        case when count(valid_to) = count(*) then max(valid_to) end as exited_on
    from assignments
    group by account_id, segment, segment_since
),

final as (
    select
        visits.account_id,
        cast(row_number() over (partition by visits.account_id order by visits.segment_since) as integer) as visit,
        visits.segment as buying_stage,
        visits.segment_since as entered_on,
        visits.exited_on,
        cast({{ days_between('visits.segment_since', 'coalesce(visits.exited_on, ' ~ as_of_date() ~ ')') }} as integer) as days_in_stage,
        visits.exited_on is null as is_censored,
        visits.segment_since = snapshots.first_date and lives.born_on < snapshots.first_date as entered_before_history,
        lag(visits.segment) over (partition by visits.account_id order by visits.segment_since) as previous_buying_stage,
        assignments.rule_id,
        assignments.reason,
        assignments.values_seen,
        assignments.policy_version
    from visits
    inner join assignments
        on visits.account_id = assignments.account_id and visits.segment_since = assignments.valid_from
    inner join lives
        on visits.account_id = lives.account_id
    cross join snapshots
)

select * from final
