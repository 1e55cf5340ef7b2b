with spells as (
    select * from {{ ref('int_account_paid_spells') }}
),

parameters as (
    select cast({{ parameter_value('friction_way_out_days') }} as integer) as way_out
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

-- The last days before a customer left are no usual days: many ask more, and some no longer ask. Who will leave is not known yet; who was merged or soon came back has not left.
cut as (
    select
        spells.account_id,
        spells.spell,
        spells.started_on as counted_from,
        case
            when spells.resumed_on <= {{ as_of_date() }} then spells.ended_on
            when spells.churned_on <= {{ as_of_date() }} then {{ add_days('spells.churned_on', '-parameters.way_out') }}
            when spells.ended_on <= {{ as_of_date() }} then spells.ended_on
            else {{ add_days(as_of_date(), 1) }}
        end as counted_until
    from spells
    cross join parameters
),

final as (
    select * from cut
    where counted_from < counted_until
)

select * from final
