{{ config(materialized='view') }}

with own as (
    select * from {{ ref('int_segments_own') }}
),

followers as (
    select * from {{ ref('int_segment_followers') }}
),

final as (
    select
        own.account_id,
        own.segment_scheme,
        own.snapshot_date,
        coalesce(followers.segment, own.segment) as segment,
        own.candidate_segment,
        case when followers.segment is null then own.held_by else followers.held_by end as held_by,
        own.candidate_rule_id,
        case when followers.segment is null then own.rule_id else 'parent' end as rule_id,
        coalesce(followers.reason, own.reason) as reason,
        own.override_id,
        own.override_author,
        own.override_ends_on,
        own.policy_version
    from own
    left join followers
        on
            own.account_id = followers.account_id
            and own.segment_scheme = followers.segment_scheme
            and own.snapshot_date = followers.snapshot_date
)

select * from final
