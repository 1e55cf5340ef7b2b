-- Asserts: at each version every profile has groups that weigh 100 together, and every group of it components that do; no weight
--   goes to a component or group that the profile does not know.
-- Matters: a weight that leads nowhere drops out of the join unseen, and scores no longer end at 100.
-- Resolve: correct score_groups.csv or score_weights.csv until the sum shown is 100.
with versions as (
    select * from {{ ref('policy_versions') }}
),

profiles as (
    select * from {{ ref('score_profiles') }}
),

component_groups as (
    select * from {{ ref('score_groups') }}
),

components as (
    select * from {{ ref('score_components') }}
),

weights as (
    select * from {{ ref('score_weights') }}
),

groups_of_profiles as (
    select
        versions.policy_version,
        profiles.profile,
        'all groups' as component_group,
        sum(component_groups.weight) as total_weight
    from versions
    inner join profiles
        on {{ holds_on('profiles', 'versions.valid_from') }}
    left join component_groups
        on
            profiles.profile = component_groups.profile
            and {{ holds_on('component_groups', 'versions.valid_from') }}
    group by versions.policy_version, profiles.profile
),

weights_in_force as (
    select
        versions.policy_version,
        weights.profile,
        components.component_group,
        profiles.profile as known_profile,
        weights.weight
    from versions
    inner join weights
        on {{ holds_on('weights', 'versions.valid_from') }}
    left join components
        on
            weights.component = components.component
            and {{ holds_on('components', 'versions.valid_from') }}
    left join profiles
        on
            weights.profile = profiles.profile
            and components.score_model = profiles.score_model
            and {{ holds_on('profiles', 'versions.valid_from') }}
),

groups_in_force as (
    select
        versions.policy_version,
        component_groups.profile,
        component_groups.component_group
    from versions
    inner join component_groups
        on {{ holds_on('component_groups', 'versions.valid_from') }}
),

-- A weight without its group, and a group without weights, both come out with a sum of null.
components_of_groups as (
    select
        coalesce(groups_in_force.policy_version, weights_in_force.policy_version) as policy_version,
        coalesce(groups_in_force.profile, weights_in_force.profile) as profile,
        coalesce(groups_in_force.component_group, weights_in_force.component_group) as component_group,
        sum(case when groups_in_force.profile is not null and weights_in_force.known_profile is not null then weights_in_force.weight end)
            as total_weight
    from groups_in_force
    full outer join weights_in_force
        on
            groups_in_force.policy_version = weights_in_force.policy_version
            and groups_in_force.profile = weights_in_force.profile
            and groups_in_force.component_group = weights_in_force.component_group
    group by
        coalesce(groups_in_force.policy_version, weights_in_force.policy_version),
        coalesce(groups_in_force.profile, weights_in_force.profile),
        coalesce(groups_in_force.component_group, weights_in_force.component_group)
),

totals as (
    select * from groups_of_profiles
    union all
    select * from components_of_groups
),

final as (
    select * from totals
    where total_weight is distinct from 100
)

select * from final
