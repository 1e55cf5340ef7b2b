with segments as (
    select * from {{ ref('segments') }}
),

schemes as (
    select * from {{ ref('segment_schemes') }}
),

final as (
    select
        segments.segment_scheme,
        segments.segment,
        segments.segment_order,
        segments.segment_rank,
        segments.description,
        schemes.description as scheme_description,
        segments.touch,
        segments.main_channel,
        segments.touch_cadence_days,
        segments.review_cadence_days,
        segments.onboarding,
        segments.owner_seniority,
        segments.self_service_share,
        segments.first_response_hours,
        segments.cost_per_hour,
        segments.accounts_per_csm,
        segments.policy_version
    from segments
    inner join schemes
        on
            segments.segment_scheme = schemes.segment_scheme
            and {{ holds_on('schemes', as_of_date()) }}
    where {{ holds_on('segments', as_of_date()) }}
)

select * from final
