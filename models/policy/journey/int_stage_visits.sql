with candidates as (
    select * from {{ ref('int_stage_candidates') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

compared as (
    select
        *,
        lag(outcome) over (partition by account_id order by snapshot_date) as previous_stage
    from candidates
),

starts as (
    select * from compared
    where previous_stage is null or previous_stage <> outcome
),

seen as (
    {{ rule_values_seen("'journey_stage'", 'starts', ref('int_policy_attributes'), 'segments') }}
),

-- A visit lasts until the next one begins or the account's life ends.
final as (
    select
        starts.account_id,
        cast(row_number() over (partition by starts.account_id order by starts.snapshot_date) as integer) as visit,
        starts.outcome as stage,
        starts.previous_stage,
        starts.snapshot_date as entered_on,
        coalesce(
            lead(starts.snapshot_date) over (partition by starts.account_id order by starts.snapshot_date),
            case when lives.died_on <= {{ as_of_date() }} then lives.died_on end
        ) as exited_on,
        starts.rule_id,
        starts.reason,
        seen.values_seen,
        starts.previous_stage is null and lives.born_on < (select min(snapshot_date) from candidates) as entered_before_history
    from starts
    inner join lives
        on starts.account_id = lives.account_id
    left join seen
        on
            starts.account_id = seen.account_id
            and starts.snapshot_date = seen.snapshot_date
            and starts.rule_id = seen.rule_id
)

select * from final
