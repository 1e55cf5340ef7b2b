-- Asserts: the tables that are kept from run to run hold every snapshot of every account's life, once, and no other (law 4).
-- Matters: a run replaces only what its inputs changed, so a table that lost rows stays wrong until somebody looks.
-- Resolve: dbt build --full-refresh; if it comes back, the model drops or doubles rows.
with account_snapshots as (
    select
        lives.account_id,
        snapshots.snapshot_date
    from {{ ref('int_account_lives') }} as lives
    inner join {{ ref('int_snapshots') }} as snapshots
        on {{ holds_on('lives', 'snapshots.snapshot_date', 'born_on', 'died_on') }}
),

-- Each table is a digit of its own: a sum of 11111 is every table once, and as many rows as there are tables rule out ten of one.
kept as (
{%- for model in ['account_features', 'int_policy_attributes', 'int_stage_candidates', 'int_health_history', 'fct_health_scores'] %}
    select
        {{ 10 ** loop.index0 }} as model,
        account_id,
        snapshot_date
    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

counted as (
    select
        account_id,
        snapshot_date,
        count(*) as found_rows,
        sum(model) as models
    from kept
    group by account_id, snapshot_date
)

select
    coalesce(account_snapshots.account_id, counted.account_id) as account_id,
    coalesce(account_snapshots.snapshot_date, counted.snapshot_date) as snapshot_date,
    counted.found_rows,
    counted.models
from account_snapshots
full outer join counted
    on account_snapshots.account_id = counted.account_id and account_snapshots.snapshot_date = counted.snapshot_date
where
    account_snapshots.account_id is null
    or counted.account_id is null
    or counted.found_rows <> 5
    or counted.models <> 11111
