with items as (
    select * from {{ ref('int_subscription_terms') }}
),

told as (
    select * from {{ ref('int_subscription_renewals') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
    where account_id is not null
),

parameters as (
    select * from {{ ref('parameters') }}
),

long_terms as (
    select
        items.subscription_id,
        items.customer_id,
        items.valid_from,
        items.valid_to,
        items.term_months,
        {{ end_of_term('items.terms_from', 'items.term_months', 'items.valid_from') }} as term_ended_on
    from items
    inner join parameters
        on
            parameters.parameter = 'renewal_term_months'
            and {{ holds_on('parameters', 'items.valid_from') }}
    where items.is_priced and items.term_months >= parameters.parameter_value
),

-- What the source said on the day before goes before what is counted, and came where nothing else was said until then. Of what is sold by the year and by the month it
-- may be the end of a month.
first_ends as (
    select
        long_terms.subscription_id,
        long_terms.customer_id,
        long_terms.valid_to,
        long_terms.term_ended_on
    from long_terms
    left join told
        on
            long_terms.subscription_id = told.subscription_id
            and {{ holds_on('told', add_days('long_terms.term_ended_on', -1)) }}
    left join items as shorter
        on
            long_terms.subscription_id = shorter.subscription_id
            and shorter.is_priced
            and shorter.term_months < long_terms.term_months
            and {{ holds_on('shorter', add_days('long_terms.term_ended_on', -1)) }}
    where told.subscription_id is null or shorter.subscription_id is not null
    union all
    select
        long_terms.subscription_id,
        long_terms.customer_id,
        long_terms.valid_to,
        told.renews_on as term_ended_on
    from long_terms
    inner join told
        on
            long_terms.subscription_id = told.subscription_id
            and long_terms.valid_from < told.renews_on
            and told.valid_to = told.renews_on
    left join items as shorter
        on
            long_terms.subscription_id = shorter.subscription_id
            and shorter.is_priced
            and shorter.term_months < long_terms.term_months
            and {{ holds_on('shorter', add_days('told.renews_on', -1)) }}
    where shorter.subscription_id is null
),

-- A price may change with the renewal, so another item of the subscription may run on; but who goes on with what is free has not renewed.
final as (
    select
        matches.account_id,
        first_ends.subscription_id,
        min(first_ends.term_ended_on) as renewed_on
    from first_ends
    inner join items as renewed
        on
            first_ends.subscription_id = renewed.subscription_id
            and renewed.is_priced
            and {{ holds_on('renewed', 'first_ends.term_ended_on') }}
    inner join matches
        on
            matches.entity_type = 'billing_customer'
            and first_ends.customer_id = matches.entity_id
            and {{ holds_on('matches', 'first_ends.term_ended_on') }}
    where first_ends.valid_to is null or first_ends.valid_to >= first_ends.term_ended_on
    group by matches.account_id, first_ends.subscription_id
)

select * from final
