with items as (
    select * from {{ ref('int_subscription_terms') }}
),

renewals as (
    select
        subscription_id,
        {{ local_date('valid_from') }} as valid_from,
        {{ local_date('valid_to') }} as valid_to,
        {{ local_date('renews_at') }} as renews_on
    from {{ ref('subscription_renewals') }}
),

shortest as (
    select min(parameter_value) as term_months from {{ ref('parameters') }}
    where parameter = 'renewal_term_months'
),

-- What never had a term that policy calls one is asked for by nobody.
bound as (
    select distinct
        items.subscription_id,
        items.customer_id
    from items
    inner join shortest
        on shortest.term_months <= items.term_months
    where items.is_priced
),

-- Of what was said on one day the last stands.
final as (
    select
        renewals.subscription_id,
        bound.customer_id,
        renewals.valid_from,
        renewals.valid_to,
        renewals.renews_on
    from renewals
    inner join bound
        on renewals.subscription_id = bound.subscription_id
    where renewals.valid_from < renewals.valid_to
)

select * from final
