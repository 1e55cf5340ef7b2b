with items as (
    select * from {{ ref('int_subscription_terms') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
    where account_id is not null
),

parameters as (
    select * from {{ ref('parameters') }}
),

first_ends as (
    select
        items.subscription_id,
        items.customer_id,
        items.valid_to,
        {{ end_of_term('items.terms_from', 'items.term_months', 'items.valid_from') }} as term_ended_on
    from items
    inner join parameters
        on
            parameters.parameter = 'renewal_term_months'
            and {{ holds_on('parameters', 'items.valid_from') }}
    where items.is_priced and items.term_months >= parameters.parameter_value
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
