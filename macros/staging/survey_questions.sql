{#-
  What a survey question measures: nps, csat, or null for one without a score. The export tag decides; without a tag that says so,
  the wording. A text entry (TE) is the verbatim beside the score, whatever its tag.
-#}
{% macro score_kind(tag, wording, question_type) -%}
    case
        when upper(coalesce({{ question_type }}, '')) = 'TE' then null
        when lower({{ tag }}) like 'nps%' then 'nps'
        when lower({{ tag }}) like 'csat%' then 'csat'
        when upper({{ wording }}) like '%NPS%' or lower({{ wording }}) like '%how likely%recommend%' then 'nps'
        when lower({{ wording }}) like '%how satisfied%' or upper({{ wording }}) like '%CSAT%' then 'csat'
    end
{%- endmacro %}
