with survey_responses as (
    select * from {{ ref('survey_responses') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by respondent_id, case when account_reference is null then 0 else 1 end order by responded_at, {{ binary_order('response_id') }}
        ) as reference_rank,
        row_number() over (
            partition by respondent_id, case when domain is null then 0 else 1 end order by responded_at, {{ binary_order('response_id') }}
        ) as domain_rank
    from survey_responses
),

-- The first response that says it decides, and from then on: a later one changes nothing that was known before.
final as (
    select
        respondent_id,
        min(source_system) as source_system,
        max(case when reference_rank = 1 then account_reference end) as account_reference,
        max(case when reference_rank = 1 and account_reference is not null then responded_at end) as account_reference_since,
        max(case when domain_rank = 1 then domain end) as domain,
        max(case when domain_rank = 1 and domain is not null then responded_at end) as domain_since,
        min(responded_at) as first_responded_at
    from ranked
    group by respondent_id
)

select * from final
