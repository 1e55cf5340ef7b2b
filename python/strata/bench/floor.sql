-- The least that a build of this company could do, written by hand: every raw row is read once, the events are rolled up
-- to account-day, and tables as large as the public ones are written.
--
-- What it leaves out is what a build adds: it takes events as they come (no row is checked, rejected or deduplicated),
-- joins a workspace to the account that it names itself, keeps no history of anything and computes no feature but the
-- roll-up. The statements before and after this file are worked out by floor.py: the settings of the build, one reading
-- of every other raw table, one writing of every public table. `raw` is a variable with the raw folder, `features` one
-- with the seed feature_catalogue.csv.

-- phase: roll up

create table workspaces as
select
    group_id as workspace_id,
    coalesce(max(salesforce_account_id), group_id) as account_id
from read_parquet(getvariable('raw') || '/segment/groups/*.parquet', union_by_name = true)
group by group_id;

-- For the events that do not say in which workspace they happened.
create table members as
select
    user_id,
    max(group_id) as workspace_id
from read_parquet(getvariable('raw') || '/segment/groups/*.parquet', union_by_name = true)
group by user_id;

create table account_days as
with features as (
    select event_name, feature_bit, is_core, is_advanced, is_admin, is_failure
    from read_csv(getvariable('features'))
    where source_system = 'segment'
),

user_days as (
    select
        coalesce(tracks.context_group_id, members.workspace_id) as workspace_id,
        tracks.user_id,
        cast(tracks.timestamp as date) as activity_date,
        count(*) as actions,
        count(*) filter (where features.is_core) as core_actions,
        count(*) filter (where features.is_advanced) as advanced_actions,
        count(*) filter (where features.is_admin) as admin_actions,
        count(*) filter (where features.is_failure) as failed_actions,
        bit_or(coalesce(features.feature_bit, 0)) as feature_bits,
        -- Every column of the raw table is read, as a build must.
        max(tracks.received_at) as last_received_at,
        bit_xor(hash(tracks.id)) as ids
    from read_parquet(getvariable('raw') || '/segment/tracks/*.parquet', union_by_name = true) as tracks
    left join features on tracks.event = features.event_name
    left join members on case when tracks.context_group_id is null then tracks.user_id end = members.user_id
    group by 1, 2, 3
)

select
    workspaces.account_id,
    user_days.activity_date,
    count(*) as users,
    cast(sum(user_days.actions) as bigint) as actions,
    cast(sum(user_days.core_actions) as bigint) as core_actions,
    cast(sum(user_days.advanced_actions) as bigint) as advanced_actions,
    cast(sum(user_days.admin_actions) as bigint) as admin_actions,
    cast(sum(user_days.failed_actions) as bigint) as failed_actions,
    bit_or(user_days.feature_bits) as feature_bits,
    max(user_days.last_received_at) as last_received_at,
    bit_xor(user_days.ids) as ids
from user_days
inner join workspaces using (workspace_id)
group by workspaces.account_id, user_days.activity_date;
