"""The same usage features in other tools, as their books and manuals teach them: each a process of its own.

All get the events as our own roll-up sees them, cleaned and with their account, for nothing: `events.parquet` with
account_id, user_id, feature (null when the event is none), occurred_at (UTC), and `snapshots.parquet` with
snapshot_date. Each writes account_id, snapshot_date, active_days_28d, actions_28d, active_users_28d, features_used_28d
for every account and snapshot with an event in the 28 days, and prints the seconds it took as JSON.
"""

FEATURES = ("active_days_28d", "actions_28d", "active_users_28d", "features_used_28d")
"""What they compute, by the names that our tables have."""
