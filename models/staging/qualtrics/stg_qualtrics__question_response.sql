{{ config(enabled=system_is_on('qualtrics')) }}

with source as (
    {{ raw_rows('qualtrics', 'question_response', optional=['question', 'value', 'text']) }}
),

responses as (
    select
        id as response_key,
        survey_id
    from {{ ref('stg_qualtrics__survey_response') }}
    where rejected_reason is null
),

questions as (
    select
        id as question_key,
        survey_id,
        {{ score_kind('data_export_tag', 'question_text', 'question_type') }} as score_kind
    from {{ ref('stg_qualtrics__question') }}
    where rejected_reason is null
),

typed as (
    select
        {{ to_text('_fivetran_id') }} as _fivetran_id,
        {{ to_text('response_id') }} as response_id,
        {{ to_text('question_id') }} as question_id,
        {{ to_text('question') }} as question,
        {{ to_decimal(adapter.quote('value')) }} as answer_number,
        {{ to_text(adapter.quote('value')) }} as answer_number_text,
        {{ to_text('text') }} as answer_text,
        {{ to_text('_fivetran_id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['_fivetran_id', 'response_id', 'question_id', 'question', adapter.quote('value'), 'text']) }} as row_hash
    from source
),

-- A question is known by its survey and its id: QID1 of one survey is not QID1 of another.
scored as (
    select
        typed.*,
        responses.response_key,
        questions.score_kind
    from typed
    left join responses
        on typed.response_id = responses.response_key
    left join questions
        on typed.question_id = questions.question_key and responses.survey_id = questions.survey_id
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', '_fivetran_id', '_fivetran_id is null'),
            ('missing_required_value', 'response_id', 'response_id is null'),
            ('missing_required_value', 'question_id', 'question_id is null'),
            ('orphan', 'response_id', 'response_key is null'),
            ('not_a_number', 'value', 'score_kind is not null and answer_number_text is not null and answer_number is null'),
            ('out_of_range', 'value', "score_kind = 'nps' and (answer_number < 0 or answer_number > 10)"),
            ('out_of_range', 'value', "score_kind = 'csat' and (answer_number < 1 or answer_number > 5)"),
        ]) }}
    from scored
),

final as (
    {{ reject_and_deduplicate('checked', ['_fivetran_id']) }}
)

select * from final
