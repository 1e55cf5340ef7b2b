"""Builds of companies with their own tables, each through dbt alone, once a test session.

`build_company` runs `dbt build` with the vars of `models/staging/<company>/company.yml` on a folder of files, into a
database, target and log folder of its own, so that builds of different tests never meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt_runs import ROOT, start_dbt

REAL_DATA = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Build:
    """A finished build: its company, the vars it ran with and the database it filled."""

    company: str
    variables: dict[str, Any]
    database: Path

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query; the schemas main_staging, main_canonical and main are those of the build."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def raw_tables(self) -> list[str]:
        """The raw tables of the company, as its vars name them."""
        return list(self.variables["systems"][self.company]["raw"])

    def tables(self, schema: str) -> list[str]:
        """The tables of one schema, sorted."""
        return [
            name
            for (name,) in self.query(
                "select table_name from information_schema.tables"
                f" where table_schema = '{schema}' and table_type = 'BASE TABLE' order by table_name"
            )
        ]


def real_folder(name: str) -> Path:
    """A folder of the real input; skips the test where it is not there."""
    folder = REAL_DATA / name
    if not folder.is_dir():
        pytest.skip(f"the real files are not beside the project: no folder ../shared/data/{name}")
    return folder


def build_company(
    company: str, raw_dir: Path, work: Path, select: list[str] | None = None, *, unit_tests: bool = True
) -> Build:
    """Builds one company on `raw_dir` inside the folder `work`; fails the test with dbt's own words when dbt fails.

    unit_tests: theirs too; they read no row of the company, and none is of its own folder, so the build of one company
    runs them under vars that are not the default ones.
    """
    variables = yaml.safe_load((ROOT / "models" / "staging" / company / "company.yml").read_text())
    variables["raw_dir"] = str(raw_dir)
    work.mkdir(parents=True, exist_ok=True)
    database = work / "build.duckdb"
    # Only tests whose every table is built: one that compares seeds needs them all.
    chosen = ["--indirect-selection", "cautious", "--select", *select] if select else []
    if not unit_tests:
        chosen += ["--exclude-resource-type", "unit_test"]
    start_dbt(["build", *chosen], database=database, target=work / "target", variables=variables).succeed()
    return Build(company, variables, database)


def count_rows(build: Build, table: str) -> tuple[int, int]:
    """Accepted and rejected rows of one raw table in staging."""
    ((accepted, rejected),) = build.query(
        "select count(*) filter (where rejected_reason is null), count(*) filter (where rejected_reason is not null)"
        f" from main_staging.stg_{build.company}__{table}"
    )
    return int(accepted), int(rejected)


def built_movements(build: Build) -> list[tuple[Any, ...]]:
    """Every movement: account of the source, the month's last day, kind, amount; sorted."""
    return sorted(
        build.query(
            """
            select accounts.source_account_id, months.observed_on, moved.movement, moved.mrr
            from main.fct_mrr_movements as moved
            join main_canonical.accounts as accounts using (account_id)
            join (select distinct month, observed_on from main_features.int_months) as months using (month)
            """
        )
    )


def built_retention(build: Build) -> dict[date, tuple[Any, ...]]:
    """NRR, GRR and logo churn of each month and of twelve months, by the month's last day."""
    found = build.query(
        """
        select months.observed_on, nrr, grr, logo_churn, nrr_12m, grr_12m, logo_churn_12m
        from main.fct_revenue_retention as retention
        join (select distinct month, observed_on from main_features.int_months) as months using (month)
        where retention.segment = 'all_accounts'
        """
    )
    assert len(found) == len({end for end, *_ in found})
    return {end: tuple(rates) for end, *rates in found}


def differences(left: Build, right: Build, schema: str, table: str) -> int:
    """Rows of a table that one build has and the other has not, every column compared, repeated rows counted."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left.database}' as l (read_only)")
        connection.execute(f"attach '{right.database}' as r (read_only)")
        one, other = f"select * from l.{schema}.{table}", f"select * from r.{schema}.{table}"
        found = connection.execute(
            f"select count(*) from (({one} except all {other}) union all ({other} except all {one})) as differing"
        ).fetchall()
    return int(found[0][0])
