{{ config(
    severity='warn',
    meta={
        'message': 'this run looked at nothing, because the last look was for a later day: what the CRM or billing overwrites is not remembered before a run for that day',
        'remedy': 'none where you meant an earlier day; if the later day is still to come, the run for it was a mistake: take the rows whose observed_on is still to come out of observed_accounts and the other tables of models/observed, and build again',
    }
) }}

-- Asserts: the observed history was not looked at for a day after that of the run (macros/observed.sql).
-- Matters: such a run remembers nothing. For an earlier day that is meant; after one run for a day to come nothing would be remembered until then.
-- Resolve: as the remedy above says. What a mistaken run saw and is taken out is seen again by the next run.
with looks as (
    select observed_on from {{ ref('observed_accounts') }}
    union all
    select observed_on from {{ ref('observed_opportunities') }}
    union all
    select observed_on from {{ ref('observed_subscription_items') }}
)

select max(observed_on) as last_look from looks
having max(observed_on) > {{ as_of_date() }}
