"""Publishing on Spark: a database a build, shown through views, switched by one view that all others obey.

Readers use the views of one database (strata). What they show lies in a database of the publication (strata__ and its
time), complete and counted before any view names it. A catalogue of Parquet tables has no transactions; what it does
have is that altering one view is one step (`create or replace view` is two: it drops the view first). So:

1. Every view is made to show the old tables or the new ones, as the view `publication_shown` says. It says old:
   nothing changes for a reader.
2. `publication_shown` is altered. That one step turns all of them.
3. Every view is made to show the new tables only.

Killed anywhere, readers keep the old tables or have all the new ones, and the next publication goes on from there. The
tables of the publication before stay until the next one, for the queries that still read them.

What a catalogue without transactions cannot give: a query that names two tables looks publication_shown up twice, and
several queries are no unit. A reader for whom that matters reads publication_shown before and after and compares.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from strata.errors import PublishError
from strata.feed import COLUMNS as FEED_COLUMNS
from strata.feed import DESCRIPTION as FEED_DESCRIPTION
from strata.feed import RECORDS as FEED_RECORDS
from strata.feed import TABLE as FEED
from strata.feed import changes_sql
from strata.last_build import WholeBuild
from strata.ledger import COLUMNS as LEDGER_COLUMNS
from strata.ledger import DESCRIPTION as LEDGER_DESCRIPTION
from strata.ledger import TABLE as LEDGER
from strata.ledger import Publication
from strata.project import Project
from strata.publish import PublicTable, no_policy_version, policy_versions_seed, project_version

SHOWN = "publication_shown"
# Tables with this column grow by it; a reader of one day then reads one folder.
PARTITION = "snapshot_date"
_LEDGER_TYPES = {"varchar": "string", "integer": "int"}


class Publisher:
    """Publishes from one session. database: what readers use."""

    def __init__(self, project: Project, session: SparkSession, database: str) -> None:
        self._project = project
        self._session = session
        self._database = database
        self._prefix = f"{database}__"

    def publish(self, manifest: Mapping[str, Any], tables: Sequence[PublicTable], built: WholeBuild) -> Publication:
        """Fills a new database and switches to it. Raises PublishError; readers then keep what they had."""
        if not tables:
            raise PublishError(
                "the project has no public table", "models under models/marts with access: public are published"
            )
        now = datetime.now(UTC).replace(tzinfo=None)
        fresh = f"{self._prefix}{now:%Y%m%dt%H%M%S%f}"
        try:
            self._run(f"create database if not exists {quoted(self._database)}")
            before = self.shown()
            publication = self._fill(manifest, tables, built, fresh, before, now)
            self._switch(tables, fresh, before)
            self._drop_databases(keep=[fresh, *([before] if before else [])])
        except PySparkException as error:
            raise PublishError(
                f"publishing to database {self._database} failed: {str(error).strip().splitlines()[0]}",
                "readers keep what they had; correct what it says, then run `strata publish`",
            ) from error
        return publication

    def shown(self) -> str | None:
        """The database that readers see now; None before the first publication."""
        if SHOWN not in self.views():
            return None
        return str(self._run(f"select shown_from from {self._place(SHOWN)}")[0][0])

    def views(self) -> list[str]:
        """The views of the published database, that of the switch included."""
        if not self._session.catalog.databaseExists(self._database):
            return []
        return [str(row["viewName"]) for row in self._run(f"show views in {quoted(self._database)}")]

    def _fill(
        self,
        manifest: Mapping[str, Any],
        tables: Sequence[PublicTable],
        built: WholeBuild,
        fresh: str,
        before: str | None,
        now: datetime,
    ) -> Publication:
        self._run(f"create database {quoted(fresh)}")
        digest = hashlib.sha256(self._session.version.encode())
        rows = 0
        for table in tables:
            source = f"{quoted(table.schema)}.{quoted(table.identifier)}"
            columns = _in_order(self._columns(source), table.columns)
            parts = f" partitioned by ({PARTITION})" if PARTITION in columns else ""
            place = f"{quoted(fresh)}.{quoted(table.name)}"
            # Views take the texts of their columns from here: an altered view has none of its own.
            heads = ", ".join(f"{quoted(name)} {kind}{_comment(table.columns, name)}" for name, kind in columns.items())
            self._run(f"create table {place} ({heads}) using parquet{parts}")
            self._run(f"insert into {place} ({_listed(columns)}) select {_listed(columns)} from {source}")
            there, content = self._content(place, columns)
            if (there, content) != self._content(source, columns):
                raise PublishError(f"{table.name} lost rows on the way", "run `strata publish` again")
            digest.update(repr((table.name, columns, there, content)).encode())
            rows += there
        publication = Publication(
            publication_id=f"{now:%Y%m%dT%H%M%S%f}-{digest.hexdigest()[:8]}",
            published_at=now,
            as_of_date=built.as_of,
            policy_version=self._policy_version(built.as_of, manifest),
            project_version=project_version(self._project),
            dbt_invocation_id=built.invocation_id,
            table_count=len(tables),
            row_count=rows,
            content_hash=digest.hexdigest(),
        )
        self._write_ledger(fresh, before, publication)
        if any(table.name == FEED_RECORDS for table in tables):
            self._write_changes(fresh, before, publication)
        return publication

    def _write_ledger(self, fresh: str, before: str | None, publication: Publication) -> None:
        """The rows of the ledger before and the new one. Columns that an older ledger lacks are null in its rows."""
        kinds = {name: _LEDGER_TYPES.get(kind, kind) for name, (kind, _) in LEDGER_COLUMNS.items()}
        cells = [
            f"cast({_literal(getattr(publication, name))} as {kind}) as {quoted(name)}" for name, kind in kinds.items()
        ]
        selects = [f"select {', '.join(cells)}"]
        if before is not None:
            known = self._columns(f"{quoted(before)}.{LEDGER}")
            cells = [
                f"cast({quoted(name) if name in known else 'null'} as {kind}) as {quoted(name)}"
                for name, kind in kinds.items()
            ]
            selects.append(f"select {', '.join(cells)} from {quoted(before)}.{LEDGER}")
        texts = {name: text for name, (_, text) in LEDGER_COLUMNS.items()}
        heads = ", ".join(f"{quoted(name)} {kind}{_comment(texts, name)}" for name, kind in kinds.items())
        self._run(f"create table {quoted(fresh)}.{LEDGER} ({heads}) using parquet")
        self._run(f"insert into {quoted(fresh)}.{LEDGER} {' union all '.join(selects)}")

    def _write_changes(self, fresh: str, before: str | None, publication: Publication) -> None:
        """The change feed as it stands, and what is new."""
        kinds = {name: _LEDGER_TYPES.get(kind, kind) for name, (kind, _) in FEED_COLUMNS.items()}
        texts = {name: text for name, (_, text) in FEED_COLUMNS.items()}
        heads = ", ".join(f"{quoted(name)} {kind}{_comment(texts, name)}" for name, kind in kinds.items())
        place, records = f"{quoted(fresh)}.{FEED}", f"{quoted(fresh)}.{FEED_RECORDS}"
        self._run(f"create table {place} ({heads}) using parquet")
        # Spark refuses to write a table that it reads, so the feed as it stands is read where it was published before.
        log = f"(select {', '.join(f'cast(null as {kind}) as {name}' for name, kind in kinds.items())} where 1 = 0)"
        if before is not None and self._session.catalog.tableExists(f"{quoted(before)}.{FEED}"):
            log = f"{quoted(before)}.{FEED}"
            self._run(f"insert into {place} ({_listed(kinds)}) select {_listed(kinds)} from {log}")
        changes = changes_sql(records, log, publication, _LEDGER_TYPES)
        self._run(f"insert into {place} ({_listed(kinds)}) {changes}")

    def _switch(self, tables: Sequence[PublicTable], fresh: str, before: str | None) -> None:
        described = {table.name: (table.description, dict(table.columns)) for table in tables}
        described[LEDGER] = (LEDGER_DESCRIPTION, {name: text for name, (_, text) in LEDGER_COLUMNS.items()})
        if FEED_RECORDS in described:
            described[FEED] = (FEED_DESCRIPTION, {name: text for name, (_, text) in FEED_COLUMNS.items()})
        kept = (
            [] if before is None else [str(row["tableName"]) for row in self._run(f"show tables in {quoted(before)}")]
        )
        views = set(self.views())
        for name in sorted(set(described) & set(kept) & views):
            self._show(name, described[name], fresh, before, views)
        self._turn(SHOWN, "", f"select {_literal(fresh)} as shown_from", views)
        for name in sorted(described, key=lambda name: (name == LEDGER, name)):
            self._show(name, described[name], fresh, None, views)
        for name in self.views():
            if name not in described and name != SHOWN:
                self._run(f"drop view {self._place(name)}")

    def _show(
        self,
        name: str,
        described: tuple[str, Mapping[str, str]],
        fresh: str,
        before: str | None,
        views: Collection[str],
    ) -> None:
        """Lets the view show the new table, or, with `before`, whichever the switch says."""
        description, texts = described
        columns = _in_order(self._columns(f"{quoted(fresh)}.{quoted(name)}"), texts)
        select = f"select {_listed(columns)} from {quoted(fresh)}.{quoted(name)}"
        if before is not None:
            old = self._columns(f"{quoted(before)}.{quoted(name)}")
            cells = ", ".join(
                quoted(column) if column in old else f"cast(null as {kind}) as {quoted(column)}"
                for column, kind in columns.items()
            )
            switch = f"(select shown_from from {self._place(SHOWN)})"
            select = (
                f"{select} where {switch} = {_literal(fresh)} union all"
                f" select {cells} from {quoted(before)}.{quoted(name)} where {switch} = {_literal(before)}"
            )
        self._turn(name, description, select, views)

    def _turn(self, name: str, description: str, select: str, views: Collection[str]) -> None:
        """Lets a view show something else in one step, or makes it."""
        if name not in views:
            about = f" comment {_literal(description)}" if description else ""
            self._run(f"create view {self._place(name)}{about} as {select}")
            return
        self._run(f"alter view {self._place(name)} as {select}")
        if description:
            self._run(f"alter view {self._place(name)} set tblproperties ('comment' = {_literal(description)})")

    def _drop_databases(self, keep: Sequence[str]) -> None:
        for (name,) in self._run(f"show databases like {_literal(self._prefix + '*')}"):
            if name not in keep:
                self._run(f"drop database {quoted(str(name))} cascade")

    def _content(self, place: str, columns: Mapping[str, str]) -> tuple[int, str]:
        """Rows of a table, and a fingerprint of them in any order."""
        row = self._run(
            f"select count(*), coalesce(sum(cast(xxhash64({_listed(columns)}) as decimal(38, 0))), 0) from {place}"
        )[0]
        return int(row[0]), str(row[1])

    def _columns(self, place: str) -> dict[str, str]:
        """Column -> type, in order."""
        return {field.name: field.dataType.simpleString() for field in self._session.table(place).schema.fields}

    def _policy_version(self, as_of: date, manifest: Mapping[str, Any]) -> str:
        schema, name = policy_versions_seed(manifest)
        day = f"cast({_literal(as_of)} as date)"
        found = self._run(
            f"select policy_version from {quoted(schema)}.{quoted(name)}"
            f" where valid_from <= {day} and (valid_to is null or {day} < valid_to)"
            " order by valid_from desc, policy_version desc limit 1"
        )
        if not found:
            raise no_policy_version(as_of)
        return str(found[0][0])

    def _place(self, name: str) -> str:
        return f"{quoted(self._database)}.{quoted(name)}"

    def _run(self, sql: str) -> list[Any]:
        return list(self._session.sql(sql).collect())


def quoted(name: str) -> str:
    """A name as an identifier of Spark."""
    return "`" + name.replace("`", "``") + "`"


def _comment(texts: Mapping[str, str], column: str) -> str:
    return f" comment {_literal(texts[column])}" if texts.get(column) else ""


def _in_order(columns: Mapping[str, str], declared: Mapping[str, str]) -> dict[str, str]:
    """The columns in the order in which they are declared; Spark puts those of a partition last."""
    first = [name for name in declared if name in columns]
    return {name: columns[name] for name in [*first, *(name for name in columns if name not in first)]}


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(quoted(name) for name in columns)


def _literal(value: object) -> str:
    """A value as a text literal of Spark, which reads backslashes; numbers, dates and times are cast from it."""
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
