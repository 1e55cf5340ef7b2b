with items as (
    select * from {{ ref('int_subscription_item_periods') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

-- Every stretch in which a matched customer had a priced item running, equal ones once: below they must have one order.
paid as (
    select distinct
        matches.account_id,
        greatest(items.valid_from, matches.valid_from) as paid_from,
        {{ earlier_end('items.valid_to', 'matches.valid_to') }} as paid_until
    from items
    inner join matches
        on
            matches.entity_type = 'billing_customer'
            and items.customer_id = matches.entity_id
            and (matches.valid_to is null or items.valid_from < matches.valid_to)
            and (items.valid_to is null or matches.valid_from < items.valid_to)
    where
        matches.account_id is not null
        and items.monthly_amount > 0
),

-- Overlapping and touching stretches are one spell: a customer churns only when all its subscriptions have ended.
ordered as (
    select
        account_id,
        paid_from,
        paid_until,
        max(coalesce(paid_until, cast('9999-12-31' as date))) over (
            partition by account_id
            order by paid_from, coalesce(paid_until, cast('9999-12-31' as date))
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from paid
),

numbered as (
    select
        account_id,
        paid_from,
        paid_until,
        sum(case when covered_until is null or paid_from > covered_until then 1 else 0 end) over (
            partition by account_id
            order by paid_from, coalesce(paid_until, cast('9999-12-31' as date))
            rows between unbounded preceding and current row
        ) as spell
    from ordered
),

spells as (
    select
        account_id,
        cast(spell as integer) as spell,
        min(paid_from) as started_on,
        case when max(case when paid_until is null then 1 else 0 end) = 0 then max(paid_until) end as ended_on
    from numbered
    group by account_id, spell
),

-- What ends with its account, merged or deleted, is no churn: what a merger hands over is a transfer, and who is deleted may pay on.
final as (
    select
        spells.account_id,
        spells.spell,
        spells.started_on,
        spells.ended_on,
        case when lives.died_on is null or lives.died_on > spells.ended_on then spells.ended_on end as churned_on
    from spells
    left join lives
        on spells.account_id = lives.account_id
)

select * from final
