"""What the tests of the command line, the gate and publishing share.

A project small enough to check in milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path

import duckdb
import pytest
from postgres_server import Server, running_server
from strata.cli import main
from strata.ledger import COLUMNS, Publication
from strata.ledger import TABLE as LEDGER
from strata.project import Project, load_project

ROOT = Path(__file__).resolve().parents[2]

# Great Expectations imports pyspark where it is, and that takes a process without a main module, as the workers of the
# tests are, for one of its own doctests and ends it.
if sys.modules["__main__"].__spec__ is None:
    sys.modules["__main__"].__spec__ = ModuleSpec("__main__", None)

DBT_PROJECT = """
name: shop_of_tests
vars:
  raw_dir: raw
  as_of_date: "2026-06-30"
  systems:
    shop: {raw: [customer, payment], canonical: []}
"""

SOURCES = """
version: 2
sources:
  - name: shop
    config:
      enabled: "{{ 'shop' in var('systems') }}"
      meta:
        external_location: "read_parquet('{{ var('raw_dir') }}/shop/{name}/*.parquet', union_by_name = true)"
    tables:
      - name: customer
        config:
          meta:
            gate: {key: [id], loaded_at: synced, freshness_days: 3, min_rows: 5, ranges: {seats: {min: 0, max: 500}}}
        columns:
          - {name: id, data_type: text, config: {meta: {required: true}}}
          - {name: name, data_type: text, config: {meta: {required: true}}}
          - {name: seats, data_type: integer, config: {meta: {required: false}}}
          - {name: created, data_type: timestamp, config: {meta: {required: true}}}
          - {name: synced, data_type: timestamp, config: {meta: {required: false}}}
      - name: payment
        config:
          meta:
            external_location: "read_csv('{{ var('raw_dir') }}/shop/payment.csv', all_varchar = true, header = true)"
            gate: {key: [id]}
        columns:
          - {name: id, data_type: text, config: {meta: {required: true}}}
          - {name: amount, data_type: decimal, config: {meta: {required: true}}}
          - {name: details, data_type: json, config: {meta: {required: false}}}
  - name: elsewhere
    config:
      enabled: "{{ 'elsewhere' in var('systems') }}"
      meta: {external_location: "read_parquet('{{ var('raw_dir') }}/elsewhere/{name}/*.parquet')"}
    tables:
      - {name: nothing, columns: [{name: id, data_type: text}]}
"""

CUSTOMERS = """
    select
        'c' || i as id, 'Customer ' || i as name, i as seats,
        timestamp '2025-01-01' + to_days(cast(i as integer)) as created,
        timestamp '2026-06-30 04:00:00' as synced
    from range(1, 101) as numbers(i)
"""


@dataclass(frozen=True)
class Shop:
    """A project with one system, a Parquet table and a CSV table, and sound raw rows in both."""

    root: Path

    @property
    def raw(self) -> Path:
        return self.root / "raw" / "shop"

    @property
    def customers(self) -> Path:
        return self.raw / "customer" / "part-0.parquet"

    @property
    def payments(self) -> Path:
        return self.raw / "payment.csv"

    def land_customers(self, select: str = CUSTOMERS) -> None:
        """Replaces the customers by the rows of a query."""
        self.customers.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(f"copy ({select}) to '{self.customers}' (format parquet)")

    def land_payments(self, rows: list[str], header: str = "id,amount,details") -> None:
        """Replaces the payments by lines of CSV."""
        self.payments.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")

    def project(self) -> Project:
        return load_project(self.root)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    root = tmp_path / "shop"
    staging = root / "models" / "staging" / "shop"
    staging.mkdir(parents=True)
    (root / "dbt_project.yml").write_text(DBT_PROJECT, encoding="utf-8")
    (staging / "_shop__sources.yml").write_text(SOURCES, encoding="utf-8")
    # The gate judges cells by the project's own casts, so the small project has the real ones.
    shutil.copytree(ROOT / "macros" / "adapters", root / "macros" / "adapters")
    made = Shop(root)
    made.land_customers()
    made.land_payments([f'p{i},{i}.50,"{{}}"' for i in range(1, 101)])
    return made


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, one for all tests."""
    yield from running_server()


@dataclass(frozen=True)
class Ended:
    """How a command ended. out: stdout; err: stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def strata(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs the command line in this process."""

    def run(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run


def read_ledger(published: Path) -> list[Publication]:
    """All publications of a published file, the oldest first."""
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = connection.execute(f"select {', '.join(COLUMNS)} from {LEDGER} order by published_at, publication_id")
        return [Publication(*row) for row in rows.fetchall()]


def digest(path: Path) -> str:
    """A fingerprint of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


LONGEST = (
    "test_spark", "test_law_4_incremental", "test_miaad", "test_build_path", "test_parity", "test_ravenstack",
    "test_bench", "test_postgres",
)  # fmt: skip
"""The files that take minutes, the longest first: begun last, one of them would keep one process at work alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


_exit_status = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_exit_status] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leaves without the interpreter's farewell, in which DuckDB's binding writes pages about its own leaks."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(config.stash.get(_exit_status, 0))
