-- Asserts: the words that SQL compares with (types, directions, kinds, categories, roles) are spelt as it knows them.
-- Matters: a word that SQL does not know is never equal to any, and its rows count as nothing.
-- Resolve: write one of the words shown in known_words into the seed.
{%- set words = [
    ('attributes', 'data_type', ['number', 'text', 'flag']),
    ('score_profiles', 'score_model', ['health', 'sophistication']),
    ('score_components', 'score_model', ['health', 'sophistication']),
    ('score_components', 'direction', ['higher_is_better', 'lower_is_better']),
    ('score_limits', 'limit_kind', ['cap', 'floor']),
    ('segment_stability', 'confirmed_by', ['snapshots', 'margin', 'either']),
    ('segment_margins', 'margin_unit', ['absolute', 'share']),
    ('segment_stability', 'takes_effect', ['at_once', 'month_start', 'quarter_start']),
    ('stages', 'stage_kind', ['before', 'path', 'side', 'end']),
    ('milestones', 'milestone_event', ['trial', 'contract', 'use', 'feature', 'core_feature', 'value', 'invoice', 'expansion', 'renewal', 'churn']),
    ('efforts', 'effort', ['call', 'meeting', 'email', 'task', 'ticket', 'owed_touch', 'owed_review']),
    ('rejection_reasons', 'category', ['broken', 'duplicate', 'deleted']),
    ('title_roles', 'contact_role', ['executive', 'decision_maker', 'champion', 'user']),
] %}
with final as (
    {%- for seed, column, known in words %}
    select
        '{{ seed }}.{{ column }}' as seed_column,
        {{ column }} as word,
        '{{ known | join(", ") }}' as known_words
    from {{ ref(seed) }}
    where {{ column }} is null or {{ column }} not in ('{{ known | join("', '") }}')
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}
)

select * from final
