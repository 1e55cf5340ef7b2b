with accounts as (
    select * from {{ ref('dim_accounts') }}
    where is_customer
),

intervals as (
    select
        *,
        held_by is not null and not is_overridden as is_held
    from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

compared as (
    select
        *,
        lag(is_held) over (partition by account_id order by valid_from) as was_held
    from intervals
),

-- An interval begins with every change, of what holds it back too; a pin and a hold may be older.
assignments as (
    select
        *,
        min(valid_from) over (partition by account_id, override_id) as pinned_since,
        max(case when is_held and not coalesce(was_held, false) then valid_from end) over (
            partition by account_id order by valid_from
            rows between unbounded preceding and current row
        ) as held_since
    from compared
),

gaps as (
    select * from {{ ref('fct_attention_gaps') }}
),

months as (
    select max(month) as month
    from {{ ref('int_months') }}
    where is_complete
),

costs as (
    select
        costs.account_id,
        sum(costs.cost) as cost
    from {{ ref('int_account_costs') }} as costs
    inner join months
        on costs.month = months.month
    group by costs.account_id
),

placed as (
    select
        accounts.*,
        assignments.candidate_segment,
        assignments.held_by,
        assignments.is_overridden,
        assignments.pinned_since,
        assignments.held_since,
        assignments.reason as segment_reason,
        gaps.attention_status,
        gaps.reason as attention_reason,
        gaps.touch_due_on,
        gaps.review_cadence_days,
        gaps.decision_maker_is_known,
        costs.cost
    from accounts
    inner join assignments
        on accounts.account_id = assignments.account_id and {{ holds_on('assignments', as_of_date()) }}
    inner join gaps
        on accounts.account_id = gaps.account_id
    left join costs
        on accounts.account_id = costs.account_id
),

-- An account may be an exception in several ways; each is a row.
exceptions as (
    select placed.*, 'pinned' as exception, segment_reason as reason, pinned_since as since from placed
    where is_overridden
    union all
    select placed.*, 'held_back' as exception, segment_reason as reason, held_since as since from placed
    where held_by is not null and not is_overridden
    union all
    select placed.*, attention_status as exception, attention_reason as reason, case when attention_status = 'neglected' then touch_due_on end as since from placed
    where attention_status in ('neglected', 'over_served')
    union all
    select placed.*, 'no_csm' as exception, 'Reviews are owed, and no CSM has the account.' as reason, cast(null as date) as since from placed
    where {{ is_filled_by('csm_assignments', 'source_system') }} and review_cadence_days is not null and csm_user_id is null
    union all
    select placed.*, 'no_decision_maker' as exception, 'Reviews are owed, and nobody who decides is known.' as reason, cast(null as date) as since from placed
    where review_cadence_days is not null and not decision_maker_is_known
    union all
    select placed.*, 'unprofitable' as exception, 'Serving it cost more in the last whole month than it pays in one.' as reason, cast(null as date) as since from placed
    where cost > mrr
),

final as (
    select
        account_id,
        exception,
        as_of_date,
        csm_user_id,
        segment,
        case when exception in ('pinned', 'held_back') then candidate_segment end as fitting_segment,
        since,
        reason,
        mrr,
        cast(cost as decimal(18, 4)) as cost_of_month,
        policy_version
    from exceptions
)

select * from final
