with pairs as (
    select * from {{ ref('int_health_change_pairs') }}
),

steps as (
    select * from {{ ref('int_health_change_steps') }}
),

points as (
    select * from {{ ref('int_health_change_points') }}
),

-- Which components came and went.
coverage_changes as (
    select
        account_id,
        snapshot_date,
        {{ dbt.listagg("case when points_before is null then component end", "', '", "order by " ~ binary_order("component")) }} as came,
        {{ dbt.listagg("case when points_after is null then component || ' (' || coalesce(status_after, 'not weighed') || ')' end", "', '", "order by " ~ binary_order("component")) }} as went
    from points
    where (points_before is null) <> (points_after is null)
    group by account_id, snapshot_date
),

causes as (
    {%- for cause in ['begin', 'end', 'policy', 'profile', 'missingness', 'limit', 'override'] %}
    select '{{ cause }}' as cause{{ " union all" if not loop.last }}
    {%- endfor %}
),

-- No score counts as nothing here, so that all parts up to a day sum to the score of that day.
parts as (
    select
        pairs.*,
        causes.cause,
        coverage_changes.came,
        coverage_changes.went,
        steps.score_new_profile,
        steps.score_limit_before,
        case causes.cause
            when 'begin' then case when pairs.previous_profile is null then coalesce(pairs.computed_score, 0) end
            when 'end' then case when pairs.profile is null then -coalesce(pairs.previous_computed_score, 0) end
            when 'policy' then case when pairs.is_comparable then coalesce(steps.score_new_policy, 0) - coalesce(pairs.previous_computed_score, 0) end
            when 'profile' then coalesce(steps.score_new_profile, 0) - coalesce(steps.score_new_policy, 0)
            when 'missingness'
                then
                    case
                        when pairs.is_comparable
                            then
                                coalesce(pairs.computed_score, 0) - coalesce(steps.score_new_profile, 0)
                                - coalesce(steps.change_of_data, 0) - coalesce(steps.change_of_limit, 0)
                    end
            when 'limit' then steps.change_of_limit
            when 'override'
                then
                    coalesce(pairs.health_score, 0) - coalesce(pairs.computed_score, 0)
                    - coalesce(pairs.previous_health_score, 0) + coalesce(pairs.previous_computed_score, 0)
        end as change_part
    from pairs
    cross join causes
    left join steps
        on pairs.account_id = steps.account_id and pairs.snapshot_date = steps.snapshot_date
    left join coverage_changes
        on pairs.account_id = coverage_changes.account_id and pairs.snapshot_date = coverage_changes.snapshot_date
),

final as (
    select
        account_id,
        snapshot_date,
        cause,
        cast(change_part as decimal(5, 2)) as change_part,
        case cause
            when 'begin' then case when is_first then 'No snapshot before.' else 'Not a customer at the snapshot before.' end
            when 'end' then reason
            when 'policy' then 'Policy ' || previous_policy_version || ' became ' || policy_version || '.'
            when 'profile' then 'Profile ' || previous_profile || ' became ' || profile || '.'
            when 'limit'
                then
                    case
                        when score_limit = score_limit_before
                            then
                                'Hard rule ' || score_limit || ' holds on, and ' || case when limit_part < 0 then 'takes ' else 'gives ' end
                                || case when limit_part < 0 and change_part > 0 or limit_part > 0 and change_part < 0 then 'less' else 'more' end || ' than before.'
                        else 'Hard rule ' || coalesce(score_limit_before, 'none') || ' before, ' || coalesce(score_limit, 'none') || ' now.'
                    end
            when 'override'
                then
                    case
                        when override_id = previous_override_id then 'Override ' || override_id || ' holds on, and takes back what moved the computed score.'
                        else 'Override ' || coalesce(previous_override_id, 'none') || ' before, ' || coalesce(override_id, 'none') || ' now.'
                    end
            when 'missingness'
                then
                    trim(
                        case
                            when computed_score is null then 'Too little fresh data for a score. '
                            when score_new_profile is null then 'Enough fresh data for a score. '
                            else ''
                        end
                        || coalesce('No longer scored: ' || went || '. ', '')
                        || coalesce('Newly scored: ' || came || '.', '')
                    )
        end as reason
    from parts
    where change_part <> 0
)

select * from final
