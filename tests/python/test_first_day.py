"""A daily run reads all events it needs, whatever the zone, and skips the old ones (macros/adapters/first_day.sql)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
from dbt_runs import compile_sql

# The first zone in which a day begins: fourteen hours before the day of UTC.
ZONE = "Pacific/Kiritimati"
FIRST_DAY = date(2026, 3, 10)
READ = """
select
    moment,
    {{ local_date('moment') }} as local_day,
    {{ since_the_first_day('moment') }} as is_read
from moments
"""


def test_every_moment_of_the_first_day_is_read_and_no_old_one(tmp_path: Path) -> None:
    query = compile_sql(READ, tmp_path / "project", variables={"time_zone": ZONE})
    midnight = datetime(2026, 3, 10)
    moments = [midnight + timedelta(hours=hours) for hours in range(-96, 96)]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create table moments (moment timestamp)")
        connection.executemany("insert into moments values (?)", [[moment] for moment in moments])

        assert all(is_read for _, _, is_read in connection.execute(query).fetchall()), "where no first day is known"

        connection.execute(f"set variable strata_first_day = date '{FIRST_DAY}'")
        rows = connection.execute(query).fetchall()
        assert {moment for moment, day, _ in rows if day == FIRST_DAY} == {
            midnight + timedelta(hours=hours) for hours in range(-14, 10)
        }
        assert all(is_read for _, day, is_read in rows if day >= FIRST_DAY)
        assert not any(is_read for moment, _, is_read in rows if moment < midnight - timedelta(days=1))
