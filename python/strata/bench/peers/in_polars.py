"""polars: a rolling group-by over the events, a window for every week, lazily and streamed.

`python -m strata.bench.peers.in_polars EVENTS SNAPSHOTS RESULT`
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta

import polars as pl

WINDOW = 28


def compute(events_file: str, snapshots_file: str, result_file: str) -> None:
    """Weekly snapshots by group_by_dynamic, whatever other day there is (the as-of date) by a filter."""
    snapshots = pl.read_parquet(snapshots_file)["snapshot_date"].to_list()
    sundays = [day for day in snapshots if day.isoweekday() == 7]
    events = pl.scan_parquet(events_file).with_columns(day=pl.col("occurred_at").dt.date())
    features = [
        pl.col("day").n_unique().alias("active_days_28d"),
        pl.len().alias("actions_28d"),
        pl.col("user_id").drop_nulls().n_unique().alias("active_users_28d"),
        pl.col("feature").drop_nulls().n_unique().alias("features_used_28d"),
    ]
    order = ["account_id", "snapshot_date", *(item.meta.output_name() for item in features)]
    parts = []
    if sundays:
        # A window is named after its Monday and ends with the Sunday four weeks on. The offset opens the three windows
        # that begin before the week of an account's first event and see it, too.
        weekly = (
            events.sort("account_id", "day")
            .group_by_dynamic("day", every="1w", period="4w", offset="-3w", group_by="account_id", start_by="window")
            .agg(item for item in features)
            .with_columns(snapshot_date=pl.col("day") + pl.duration(days=WINDOW - 1))
            .filter(pl.col("snapshot_date").is_in(sundays))
        )
        parts.append(weekly.select(order))
    for day in snapshots:
        if day not in sundays:
            seen = events.filter(pl.col("day").is_between(day - timedelta(days=WINDOW - 1), day))
            single = seen.group_by("account_id").agg(features).with_columns(snapshot_date=pl.lit(day))
            parts.append(single.select(order))
    pl.concat(parts).collect(engine="streaming").write_parquet(result_file)


if __name__ == "__main__":
    started = time.perf_counter()
    compute(*sys.argv[1:4])
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - started}) + "\n")
