"""The change feed: what was published anew, differently or no more, for systems that take only changed rows.

It is worked out when tables are published, against what was published before, and lies beside the ledger: append-only,
carried over from publication to publication, whatever was rebuilt in between. A change has a number that grows by one,
so a consumer that remembers the last number it has dealt with gets every change exactly once.
"""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from strata.errors import InputError
from strata.ledger import Publication
from strata.lock import folder_lock
from strata.sql import literal

if TYPE_CHECKING:
    from strata.published import Published

RECORDS = "fct_feed_records"
TABLE = "fct_changes"
DESCRIPTION = (
    "One row per change of a record of fct_feed_records from one publication to the next: only what changed, in the"
    " order in which it was published. Append-only."
)
# name -> (type, description)
COLUMNS: dict[str, tuple[str, str]] = {
    "change_number": ("bigint", "1, 2, 3 in the order of publication, without gaps: the cursor of a consumer."),
    "publication_id": ("varchar", "The publication that brought the change, as in fct_publications."),
    "published_at": ("timestamp", "When that was, UTC."),
    "as_of_date": ("date", "The day its tables are for."),
    "feed": ("varchar", "accounts or actions."),
    "record_key": ("varchar", "Stable key of the record in its feed."),
    "operation": ("varchar", "insert, update, or delete where the record is no more."),
    "record": ("varchar", "The record as JSON, all values as texts or null; null when it is no more."),
}

_CURSOR = "cursor.json"
_FILE = re.compile(r"^changes-(\d{12})-(\d{12})\.jsonl$")


def changes_sql(records: str, log: str, publication: Publication, types: Mapping[str, str] | None = None) -> str:
    """A query for the new rows of the feed, in the words of DuckDB, PostgreSQL and Spark alike.

    records: place of fct_feed_records as it is published now; log: place of the feed as it stands, empty at first;
    types: other names for the types of COLUMNS.
    """
    known = {**{kind: kind for kind, _ in COLUMNS.values()}, **(types or {})}
    values = {
        "change_number": f"coalesce((select max(change_number) from {log}), 0)"
        " + row_number() over (order by feed, record_key)",
        "publication_id": literal(publication.publication_id),
        "published_at": literal(str(publication.published_at)),
        "as_of_date": literal(str(publication.as_of_date)),
        **{name: name for name in ("feed", "record_key", "operation", "record")},
    }
    cells = ", ".join(f"cast({values[name]} as {known[kind]}) as {name}" for name, (kind, _) in COLUMNS.items())
    return f"""
        with in_order as (
            select feed, record_key, operation, record,
                row_number() over (partition by feed, record_key order by change_number desc) as place
            from {log}
        ),
        told as (select feed, record_key, record from in_order where place = 1 and operation <> 'delete'),
        compared as (
            select
                coalesce(shown.feed, told.feed) as feed,
                coalesce(shown.record_key, told.record_key) as record_key,
                case when told.record_key is null then 'insert' when shown.record_key is null then 'delete'
                    else 'update' end as operation,
                shown.record
            from {records} as shown
            full outer join told on shown.feed = told.feed and shown.record_key = told.record_key
            where told.record_key is null or shown.record_key is null or shown.record <> told.record
        )
        select {cells} from compared
    """


def write_changes(
    connection: duckdb.DuckDBPyConnection, into: str, before: str | None, publication: Publication
) -> None:
    """Creates the feed in the DuckDB database `into`: that of the database `before`, if it has one, and what is new."""
    log = f"{into}.main.{TABLE}"
    connection.execute(f"create table {log} ({', '.join(f'{name} {kind}' for name, (kind, _) in COLUMNS.items())})")
    if before is not None and _is_there(connection, before):
        connection.execute(f"insert into {log} by name select * from {before}.main.{TABLE} order by change_number")
    connection.execute(f"insert into {log} {changes_sql(f'{into}.main.{RECORDS}', log, publication)} order by 1")
    connection.execute(f"comment on table {log} is {literal(DESCRIPTION)}")
    for name, (_, description) in COLUMNS.items():
        connection.execute(f"comment on column {log}.{name} is {literal(description)}")


def _is_there(connection: duckdb.DuckDBPyConnection, database: str) -> bool:
    found = connection.execute(
        "select 1 from duckdb_tables() where database_name = ? and schema_name = 'main' and table_name = ?",
        [database, TABLE],
    )
    return found.fetchone() is not None


@dataclass(frozen=True)
class Delivery:
    """What one call handed over. file: None when there was nothing new; after, until: numbers of the changes.

    recovered: files that a call before it had given and was stopped before it could name them.
    """

    file: Path | None
    after: int
    until: int
    recovered: tuple[Path, ...] = ()


def read_changes(published: "Published", after: int, limit: int | None = None) -> list[dict[str, Any]]:
    """The changes beyond a number, in order, as many as limit.

    Raises InputError when the number is beyond the feed, whose memory went with a published file that was deleted.
    """
    last = (published.row(f"select coalesce(max(change_number), 0) as last from {TABLE}") or {})["last"]
    if after > last:
        raise InputError(
            f"the cursor is at change {after}, the feed ends at {last}: it was begun anew",
            "begin anew too: deliver into another folder, or after 0, and let the receiver replace what it has",
        )
    most = "" if limit is None else f" limit {int(limit)}"
    rows = published.rows(f"select * from {TABLE} where change_number > ? order by change_number{most}", [after])
    return [{**row, "record": None if row["record"] is None else json.loads(row["record"])} for row in rows]


def as_lines(changes: Sequence[Mapping[str, Any]]) -> str:
    """Changes as JSON lines."""
    return "".join(json.dumps(change, default=str, ensure_ascii=False) + "\n" for change in changes)


def deliver(
    published: "Published", folder: Path, limit: int | None = None, replace: Callable[[Path, Path], None] = os.replace
) -> Delivery:
    """Writes the changes that the folder has not had yet into a file of it, whose name says their numbers.

    The receiver may take files away. Stopped at any moment and called again, every change comes in exactly one file:
    the file is prepared, then the cursor says that it is given, then it gets its name. What was given and has no name
    yet gets it first; what was prepared and not given is dropped. Raises LockedError while another call is at work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with folder_lock(folder, f"another delivery is at work in {folder}"):
        return _deliver(published, folder, limit, replace)


def _deliver(
    published: "Published", folder: Path, limit: int | None, replace: Callable[[Path, Path], None]
) -> Delivery:
    cursor = folder / _CURSOR
    recovered: list[Path] = []
    after = _cursor(cursor)
    for prepared in sorted(folder.glob(".changes-*.jsonl")):
        found = _FILE.match(prepared.name[1:])
        if found is not None and int(found[2]) <= after:
            replace(prepared, folder / prepared.name[1:])
            recovered.append(folder / prepared.name[1:])
        else:
            prepared.unlink()
    changes = read_changes(published, after, limit)
    if not changes:
        return Delivery(None, after, after, tuple(recovered))
    until = int(changes[-1]["change_number"])
    name = f"changes-{after + 1:012d}-{until:012d}.jsonl"
    prepared = folder / f".{name}"
    _write(prepared, as_lines(changes))
    unfinished = folder / f".{_CURSOR}"
    _write(unfinished, json.dumps({"change_number": until}) + "\n")
    replace(unfinished, cursor)
    replace(prepared, folder / name)
    return Delivery(folder / name, after, until, tuple(recovered))


def _cursor(path: Path) -> int:
    if not path.exists():
        return 0
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["change_number"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} does not say up to which change was delivered", 'write {"change_number": N} into it'
        ) from error


def _write(path: Path, text: str) -> None:
    """The bytes are on the disk when this ends."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
