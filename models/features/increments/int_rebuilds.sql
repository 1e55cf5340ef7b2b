{{ config(post_hook="{{ remember_what_is_begun(['account_id', 'rebuild_from']) }}") }}

with now as (
    select * from {{ ref('int_input_digests') }}
),

built as (
    {{ built_from('int_input_digests') }}
),

begun as (
    {{ begun('int_rebuilds', {'account_id': dbt.type_string(), 'rebuild_from': 'date'}) }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

changes as (
    {{ changed_digests('now', 'built') }}
),

-- Accounts themselves, and whatever was ever matched to them; a match that changed is a change of the account.
touched as (
    select
        owner_id as account_id,
        since
    from changes
    where owner_type = 'account'
    union all
    select
        matches.account_id,
        changes.since
    from changes
    inner join matches
        on
            changes.owner_type = matches.entity_type
            and changes.owner_id = matches.entity_id
    where matches.account_id is not null
),

-- Health is judged by the touch model. Where that follows parents, what changed of any parent may change any child.
parents as (
    select min(touched.since) as since
    from touched
    inner join {{ ref('int_account_attributes') }} as children
        on touched.account_id = children.parent_account_id
    inner join {{ ref('segment_schemes') }} as schemes
        on schemes.segment_scheme = 'touch_model' and schemes.follows_parent
),

touched_families as (
    select
        account_id,
        since
    from touched
    union all
    select
        children.account_id,
        parents.since
    from {{ ref('int_account_attributes') }} as children
    inner join parents
        on children.parent_account_id is not null and parents.since is not null
),

-- Where policy judges a component among peers, whoever is touched may move any other, from the first day that it does on.
peers as (
    select greatest(min(touched.since), min(components.valid_from)) as since
    from touched
    cross join {{ ref('score_components') }} as components
    where components.peer_scheme is not null
),

-- What a run which did not end well may have worked out is worked out again: whom it touched beside them, it had begun with as well.
since as (
    select
        account_id,
        min(since) as touched_since
    from (
        select * from touched_families
        union all
        select * from begun
    ) as touched_or_begun
    group by account_id
),

-- Policy, code, the calendar and peers are everybody’s. The run’s own day is always worked out.
everybody as (
    select
        least(
            coalesce(min(since), {{ as_of_date() }}),
            {%- if var('rebuild_since') is not none %}
            cast('{{ var("rebuild_since") }}' as date),
            {%- endif %}
            {{ as_of_date() }}
        ) as touched_since
    from (
        select since from changes
        where owner_type in ('everybody', 'snapshot')
        union all
        select since from peers
    ) as of_everybody
),

-- Accounts that are gone are here too: their rows have to go.
accounts as (
    select account_id from lives
    union
    select account_id from since
),

touched_accounts as (
    select
        accounts.account_id,
        least(coalesce(since.touched_since, everybody.touched_since), everybody.touched_since) as touched_since
    from accounts
    cross join everybody
    left join since
        on accounts.account_id = since.account_id
),

dated as (
    select
        account_id,
        {{ worked_out_since('touched_since') }} as rebuild_from
    from touched_accounts
),

final as (
    {{ with_the_snapshot_before('dated') }}
)

select * from final
