with overrides as (
    select * from {{ ref('segment_overrides') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
),

parameters as (
    select cast({{ parameter_value('override_judged_days') }} as integer) as judged_days
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

waited as (
    select
        overrides.*,
        {{ add_days('overrides.ends_on', 'parameters.judged_days') }} as judged_on
    from overrides
    cross join parameters
),

-- When it was first shown, and since when the rules alone chose the same: an interval begins wherever either changes.
held as (
    select
        waited.override_id,
        min(case when assignments.override_id = waited.override_id then assignments.valid_from end) as first_shown_on,
        min(
            case
                when assignments.candidate_segment = waited.segment and assignments.valid_from >= waited.starts_on and assignments.valid_from <= waited.judged_on
                    then assignments.valid_from
            end
        ) as agreed_on
    from waited
    inner join assignments
        on waited.account_id = assignments.account_id and waited.segment_scheme = assignments.segment_scheme
    group by waited.override_id
),

joined as (
    select
        waited.*,
        held.first_shown_on,
        held.agreed_on,
        at_first.candidate_segment as rules_at_first,
        at_last.candidate_segment as rules_at_judgement
    from waited
    left join held
        on waited.override_id = held.override_id
    left join assignments as at_first
        on
            waited.account_id = at_first.account_id
            and waited.segment_scheme = at_first.segment_scheme
            and held.first_shown_on = at_first.valid_from
    left join assignments as at_last
        on
            waited.account_id = at_last.account_id
            and waited.segment_scheme = at_last.segment_scheme
            and waited.judged_on <= {{ as_of_date() }}
            and {{ holds_on('at_last', 'waited.judged_on') }}
),

final as (
    select
        override_id,
        account_id,
        segment_scheme,
        segment,
        author as override_author,
        reason,
        starts_on,
        ends_on,
        {{ override_status() }} as override_status,
        first_shown_on,
        rules_at_first,
        agreed_on,
        judged_on,
        rules_at_judgement,
        case
            when {{ as_of_date() }} < judged_on and coalesce(rules_at_first, '') <> segment then 'open'
            when rules_at_first is null or rules_at_first = segment or rules_at_judgement is null then 'cannot_tell'
            when rules_at_judgement = segment then 'right'
            else 'wrong'
        end as verdict,
        policy_version
    from joined
)

select * from final
