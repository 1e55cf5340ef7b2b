-- Asserts: policy versions follow each other without gap or overlap, and the last one is open.
-- Matters: between two versions no policy would hold and accounts would lose segment and score; in two at once they would have two.
-- Resolve: in policy_versions.csv, write into valid_to of a version the valid_from of the next; leave it empty in the last.
with versions as (
    select * from {{ ref('policy_versions') }}
),

followed as (
    select
        policy_version,
        valid_from,
        valid_to,
        lead(valid_from) over (order by valid_from, policy_version) as next_valid_from
    from versions
),

final as (
    select * from followed
    where
        valid_to is distinct from next_valid_from
        or valid_to <= valid_from
)

select * from final
