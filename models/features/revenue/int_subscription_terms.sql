with items as (
    select * from {{ ref('int_subscription_item_periods') }}
),

measured as (
    select
        *,
        monthly_amount > 0 as is_priced,
        {{ divide_exact('12 * interval_count', 'intervals_a_year') }} as term_months
    from items
),

covered as (
    select
        *,
        max(coalesce(valid_to, cast('9999-12-31' as date))) over (
            partition by subscription_id, term_months, is_priced
            order by valid_from, {{ binary_order('subscription_item_id') }}
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from measured
),

-- A change of price keeps the term. Another term, the first price after a free plan and a return begin their own.
final as (
    select
        subscription_item_id,
        subscription_id,
        customer_id,
        valid_from,
        valid_to,
        plan_name,
        is_legacy_plan,
        currency,
        interval_count,
        intervals_a_year,
        amount,
        monthly_amount,
        is_priced,
        term_months,
        max(case when covered_until is null or covered_until < valid_from then valid_from end) over (
            partition by subscription_id, term_months, is_priced
            order by valid_from, {{ binary_order('subscription_item_id') }}
            rows between unbounded preceding and current row
        ) as terms_from
    from covered
)

select * from final
