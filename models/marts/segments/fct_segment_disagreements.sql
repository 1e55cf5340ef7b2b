with assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where valid_to is null
),

crosswalks as (
    select * from {{ ref('segment_crosswalks') }} as crosswalks
    where {{ holds_on('crosswalks', as_of_date()) }}
),

segments as (
    select * from {{ ref('dim_segments') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

-- What a segment of one scheme goes with in the other: the lowest and the highest rank of it, and its name.
expected as (
    select
        crosswalks.segment_scheme,
        crosswalks.segment,
        crosswalks.other_scheme,
        min(segments.segment_rank) as lowest_rank,
        max(segments.segment_rank) as highest_rank,
        {{ dbt.listagg('crosswalks.other_segment', "', '", 'order by ' ~ binary_order('crosswalks.other_segment')) }} as expected_segments
    from crosswalks
    left join segments
        on
            crosswalks.other_scheme = segments.segment_scheme
            and crosswalks.other_segment = segments.segment
    group by crosswalks.segment_scheme, crosswalks.segment, crosswalks.other_scheme
),

-- A segment that no row names, on either side, is not compared.
comparable as (
    select distinct
        segment_scheme,
        other_scheme,
        other_segment
    from crosswalks
),

compared as (
    select
        assignments.account_id,
        assignments.segment_scheme,
        assignments.segment,
        expected.other_scheme,
        others.segment as other_segment,
        expected.expected_segments,
        expected.lowest_rank,
        expected.highest_rank,
        greatest(assignments.segment_since, others.segment_since) as since,
        assignments.policy_version
    from assignments
    inner join expected
        on
            assignments.segment_scheme = expected.segment_scheme
            and assignments.segment = expected.segment
    inner join assignments as others
        on
            assignments.account_id = others.account_id
            and expected.other_scheme = others.segment_scheme
    inner join comparable
        on
            expected.segment_scheme = comparable.segment_scheme
            and expected.other_scheme = comparable.other_scheme
            and others.segment = comparable.other_segment
    left join crosswalks
        on
            assignments.segment_scheme = crosswalks.segment_scheme
            and assignments.segment = crosswalks.segment
            and others.segment_scheme = crosswalks.other_scheme
            and others.segment = crosswalks.other_segment
    where crosswalks.other_segment is null
),

final as (
    select
        compared.account_id,
        {{ as_of_date() }} as as_of_date,
        compared.segment_scheme,
        compared.segment,
        compared.other_scheme,
        compared.other_segment,
        compared.expected_segments,
        case
            when segments.segment_rank < compared.lowest_rank then 'below'
            when segments.segment_rank > compared.highest_rank then 'above'
            else 'other'
        end as disagreement,
        compared.since,
        accounts.mrr,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        compared.policy_version
    from compared
    inner join segments
        on
            compared.other_scheme = segments.segment_scheme
            and compared.other_segment = segments.segment
    inner join accounts
        on compared.account_id = accounts.account_id
)

select * from final
