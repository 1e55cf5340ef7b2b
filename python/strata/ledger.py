"""The publication ledger: what readers were given, when, as of which day, under which policy. Append-only.

It lies in the published file itself and is carried over from the file before, so that putting the new file in place is
the one atomic step by which tables and ledger change together.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime

import duckdb

from strata.sql import literal

TABLE = "fct_publications"
DESCRIPTION = "One row per publication: what readers were given, when, as of which day and under which policy."
# name -> (type, description)
COLUMNS: dict[str, tuple[str, str]] = {
    "publication_id": ("varchar", "Identifies the publication."),
    "published_at": ("timestamp", "When the tables were published, UTC. The only clock in Strata."),
    "as_of_date": ("date", "The day the tables are for."),
    "policy_version": ("varchar", "Version of the policy in force on that day."),
    "project_version": ("varchar", "Version of the project, with the commit it was built from where there is one."),
    "dbt_invocation_id": ("varchar", "dbt's id of the build, as in its logs and artifacts."),
    "table_count": ("integer", "Public tables published, this one not counted."),
    "row_count": ("bigint", "Rows in them."),
    "content_hash": ("varchar", "Fingerprint of all their rows, whatever their order: equal content, equal hash."),
}


@dataclass(frozen=True)
class Publication:
    """One row of the ledger; the columns are described in COLUMNS."""

    publication_id: str
    published_at: datetime
    as_of_date: date
    policy_version: str
    project_version: str
    dbt_invocation_id: str
    table_count: int
    row_count: int
    content_hash: str


def write_ledger(
    connection: duckdb.DuckDBPyConnection, into: str, before: str | None, publication: Publication
) -> None:
    """Creates the ledger in the database `into`: the rows of the database `before`, if there is one, and the new row.

    Columns that an older ledger did not have yet are null in its rows.
    """
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
    connection.execute(f"create table {into}.main.{TABLE} ({columns})")
    if before is not None and (known := _columns_of(connection, before)):
        shared = ", ".join(name for name in COLUMNS if name in known)
        connection.execute(
            f"insert into {into}.main.{TABLE} by name"
            f" select {shared} from {before}.main.{TABLE} order by published_at, publication_id"
        )
    values = asdict(publication)
    places = ", ".join("?" for _ in COLUMNS)
    connection.execute(f"insert into {into}.main.{TABLE} values ({places})", [values[name] for name in COLUMNS])
    connection.execute(f"comment on table {into}.main.{TABLE} is {literal(DESCRIPTION)}")
    for name, (_, description) in COLUMNS.items():
        connection.execute(f"comment on column {into}.main.{TABLE}.{name} is {literal(description)}")


def _columns_of(connection: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    rows = connection.execute(
        "select column_name from duckdb_columns() where database_name = ? and schema_name = 'main' and table_name = ?",
        [database, TABLE],
    ).fetchall()
    return {str(name) for (name,) in rows}
