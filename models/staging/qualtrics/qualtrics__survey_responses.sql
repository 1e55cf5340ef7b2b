{{ config(enabled=system_is_on('qualtrics'), materialized='view') }}

with answers as (
    select * from {{ ref('stg_qualtrics__question_response') }}
    where rejected_reason is null and score_kind is not null and answer_number is not null
),

responses as (
    select * from {{ ref('stg_qualtrics__survey_response') }}
    where rejected_reason is null and finished
),

embedded as (
    select
        response_id,
        max(case when lower(field_name) = 'salesforce_account_id' then {{ binary_order('field_value') }} end) as salesforce_account_id,
        max(case when lower(field_name) = 'account_id' then {{ binary_order('field_value') }} end) as account_id
    from {{ ref('stg_qualtrics__survey_embedded_data') }}
    where rejected_reason is null
    group by response_id
),

-- One respondent is one address; an anonymous response is a respondent of its own.
final as (
    select
        {{ source_key('qualtrics', 'answers._fivetran_id') }} as response_id,
        'qualtrics' as source_system,
        {{ source_key('qualtrics', 'coalesce(md5(' ~ lower_case('responses.recipient_email') ~ '), responses.id)') }} as respondent_id,
        coalesce(embedded.salesforce_account_id, embedded.account_id) as account_reference,
        {{ domain_of_email('responses.recipient_email') }} as domain,
        answers.score_kind as survey_type,
        answers.answer_number as score,
        coalesce(responses.end_date, responses.recorded_date) as responded_at
    from answers
    inner join responses
        on answers.response_id = responses.id
    left join embedded
        on responses.id = embedded.response_id
)

select * from final
