{%- set peer_group = "judged_on, seen_on, component, peer_segment" -%}

with peer_values as (
    select * from {{ ref('int_peer_values') }}
),

minimums as (
    select * from {{ ref('parameters') }}
    where parameter = 'minimum_peers'
),

-- Peers are those whose value counts, the account itself among them.
own as (
    select
        *,
        case when seen_on = judged_on then 'now' else 'before' end as question,
        raw_value as own_value,
        1 as is_peer
    from peer_values
),

-- What an account would be with its value of now, had its peers stayed as they were: it takes its own place among them.
moved as (
    select
        earlier.account_id,
        earlier.seen_on,
        earlier.judged_on,
        earlier.component,
        earlier.peer_segment,
        later.raw_value,
        'moved' as question,
        earlier.raw_value as own_value,
        0 as is_peer
    from own as earlier
    inner join own as later
        on
            earlier.account_id = later.account_id
            and earlier.judged_on = later.judged_on
            and earlier.component = later.component
    where earlier.question = 'before' and later.question = 'now'
),

asked as (
    select * from own
    union all
    select * from moved
),

counted as (
    select
        *,
        sum(is_peer) over (partition by {{ peer_group }}) as peers,
        sum(is_peer) over (partition by {{ peer_group }} order by raw_value range between unbounded preceding and current row) as up_to,
        sum(is_peer) over (partition by {{ peer_group }}, raw_value) as alike
    from asked
),

-- An account that moved counts where it is now, and no longer where it was.
placed as (
    select
        *,
        up_to - alike - case when own_value < raw_value then 1 else 0 end as below,
        alike + case when own_value <> raw_value then 1 else 0 end as tied
    from counted
),

final as (
    select
        placed.account_id,
        placed.judged_on,
        placed.component,
        placed.question,
        placed.seen_on,
        placed.peer_segment,
        placed.raw_value,
        cast(placed.peers as integer) as peers,
        cast(case
            when placed.peers >= minimums.parameter_value
                then {{ divide_exact('50 * (2 * placed.below + placed.tied)', 'placed.peers', 4) }}
        end as decimal(7, 4)) as percentile
    from placed
    left join minimums
        on {{ holds_on('minimums', 'placed.judged_on') }}
)

select * from final
