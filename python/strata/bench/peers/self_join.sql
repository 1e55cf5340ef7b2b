-- One feature a query, each a join of the event table with the days on which it is asked: the way in which books on churn
-- teach it. Every event is read for each of the four weeks that see it, and for each feature again. {schema} is filled in.

-- feature: active_days_28d
insert into {schema}.metrics
select events.account_id, snapshots.snapshot_date, 'active_days_28d', count(distinct cast(events.occurred_at as date))
from {schema}.events
inner join {schema}.snapshots
    on
        events.occurred_at < snapshots.snapshot_date + interval '1 day'
        and events.occurred_at >= snapshots.snapshot_date - interval '27 days'
group by events.account_id, snapshots.snapshot_date;

-- feature: actions_28d
insert into {schema}.metrics
select events.account_id, snapshots.snapshot_date, 'actions_28d', count(*)
from {schema}.events
inner join {schema}.snapshots
    on
        events.occurred_at < snapshots.snapshot_date + interval '1 day'
        and events.occurred_at >= snapshots.snapshot_date - interval '27 days'
group by events.account_id, snapshots.snapshot_date;

-- feature: active_users_28d
insert into {schema}.metrics
select events.account_id, snapshots.snapshot_date, 'active_users_28d', count(distinct events.user_id)
from {schema}.events
inner join {schema}.snapshots
    on
        events.occurred_at < snapshots.snapshot_date + interval '1 day'
        and events.occurred_at >= snapshots.snapshot_date - interval '27 days'
group by events.account_id, snapshots.snapshot_date;

-- feature: features_used_28d
insert into {schema}.metrics
select events.account_id, snapshots.snapshot_date, 'features_used_28d', count(distinct events.feature)
from {schema}.events
inner join {schema}.snapshots
    on
        events.occurred_at < snapshots.snapshot_date + interval '1 day'
        and events.occurred_at >= snapshots.snapshot_date - interval '27 days'
group by events.account_id, snapshots.snapshot_date;
