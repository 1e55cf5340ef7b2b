with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

mrr as (
    select * from {{ ref('int_account_mrr') }}
),

comparisons as (
    select * from {{ ref('int_revenue_comparisons') }}
    where comparison = '90_days'
),

effects as (
    select * from {{ ref('int_account_rate_effects') }}
),

inherited as (
    select * from {{ ref('int_account_inherited_mrr') }}
),

spells as (
    select * from {{ ref('int_account_spell_facts') }}
),

plans as (
    select * from {{ ref('int_account_plans') }}
),

subscriptions as (
    select * from {{ ref('int_account_subscriptions') }}
),

joined as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        coalesce(spells.is_customer, 0) as is_customer,
        case when spells.account_id is null then 0 else 1 end as has_been_customer,
        coalesce(spells.has_churned_before, 0) as has_churned_before,
        coalesce(subscriptions.trial_is_running, 0) as trial_is_running,
        coalesce(subscriptions.cancellation_is_requested, 0) as cancellation_is_requested,
        spells.first_paid_on,
        spells.paid_again_on,
        spells.churned_on,
        cast(coalesce(mrr.mrr, 0) as decimal(18, 4)) as mrr,
        mrr.seats,
        coalesce(mrr.is_sold_by_seat, 0) as is_sold_by_seat,
        coalesce(mrr.active_subscriptions, 0) as active_subscriptions,
        plans.plan_name,
        plans.is_legacy_plan,
        plans.renews_on,
        account_snapshots.born_on
    from account_snapshots
    left join mrr
        on account_snapshots.account_id = mrr.account_id and account_snapshots.snapshot_date = mrr.revenue_date
    left join spells
        on account_snapshots.account_id = spells.account_id and account_snapshots.snapshot_date = spells.snapshot_date
    left join plans
        on account_snapshots.account_id = plans.account_id and account_snapshots.snapshot_date = plans.snapshot_date
    left join subscriptions
        on account_snapshots.account_id = subscriptions.account_id and account_snapshots.snapshot_date = subscriptions.snapshot_date
),

-- An account that lived then and had no revenue had none; one that did not live yet cannot be compared, unless it took over who did: what they
-- paid counts as its own. Both days at the rates of the later one.
compared as (
    select
        joined.*,
        case
            when joined.born_on <= comparisons.compared_with or inherited.inherited_mrr is not null
                then coalesce(earlier.mrr, 0) + coalesce(effects.rate_effect, 0) + coalesce(inherited.inherited_mrr, 0)
        end as mrr_90d_before
    from joined
    left join comparisons
        on joined.snapshot_date = comparisons.revenue_date
    left join mrr as earlier
        on
            joined.account_id = earlier.account_id
            and comparisons.compared_with = earlier.revenue_date
    left join effects
        on
            joined.account_id = effects.account_id
            and joined.snapshot_date = effects.revenue_date
            and comparisons.compared_with = effects.compared_with
    left join inherited
        on
            joined.account_id = inherited.account_id
            and joined.snapshot_date = inherited.revenue_date
            and comparisons.compared_with = inherited.compared_with
),

final as (
    select
        account_id,
        snapshot_date,
        is_customer,
        has_been_customer,
        has_churned_before,
        trial_is_running,
        cancellation_is_requested,
        first_paid_on,
        paid_again_on,
        churned_on,
        renews_on,
        mrr,
        seats,
        is_sold_by_seat,
        active_subscriptions,
        plan_name,
        is_legacy_plan,
        {{ divide_exact('mrr - mrr_90d_before', 'mrr_90d_before', 4) }} as mrr_change_90d
    from compared
)

select * from final
