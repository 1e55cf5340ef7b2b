"""Publishing on PostgreSQL: a schema a build, swapped behind the views that readers use, in one transaction.

Readers use the views of one schema (strata). What the views show lies in a schema of the publication (strata__ and its
time), filled and committed before anything changes for a reader. One transaction then turns every view, the ledger's
too, from the old schema to the new one.

Why views and not a renamed schema: a view that somebody has built on a published table keeps working, grants and
comments stay where they are, and no reader needs a right on anything but the views.

Why nobody sees two builds, in whatever isolation level:
- The swap locks every view and its table exclusively, so a transaction that has read one of them has ended before it,
  and one that reads later sees the new tables only. The lock is asked for briefly and again, never queued for long:
  readers do not pile up behind it, and no reader is ever chosen as the victim of a deadlock.
- PostgreSQL looks names up in the present and rows in the snapshot. A transaction with a snapshot older than the new
  rows would find the new tables empty; so the swap waits until no such snapshot is left.
"""

import hashlib
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import UTC, date, datetime
from typing import Any

import psycopg2
from psycopg2 import errors as pg_errors
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from strata.console import say
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
from strata.sql import literal, quoted

# Below deadlock_timeout (1 s), so that the swap gives way before PostgreSQL looks for a victim.
LOCK_TIMEOUT = "400ms"

_SNAPSHOTS_NOW = """
select locks.virtualtransaction
from pg_locks as locks
inner join pg_stat_activity as activity on locks.pid = activity.pid
where
    locks.locktype = 'virtualxid' and locks.mode = 'ExclusiveLock' and locks.granted
    and activity.datname = current_database() and activity.backend_xmin is not null
    and activity.pid <> pg_backend_pid()
"""

_SHOWN_SCHEMAS = """
select distinct table_schemas.nspname
from pg_namespace as view_schemas
inner join pg_class as views on view_schemas.oid = views.relnamespace and views.relkind = 'v'
inner join pg_rewrite as rules on views.oid = rules.ev_class
inner join pg_depend as uses on rules.oid = uses.objid and uses.classid = 'pg_rewrite'::regclass
inner join pg_class as tables on uses.refobjid = tables.oid and uses.refclassid = 'pg_class'::regclass
inner join pg_namespace as table_schemas on tables.relnamespace = table_schemas.oid
where view_schemas.nspname = %s and starts_with(table_schemas.nspname, %s)
"""

_OUR_VIEWS = _SHOWN_SCHEMAS.replace("distinct table_schemas.nspname", "distinct views.relname")

_COLUMNS = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum
"""

_GRANTS = """
select grants.privilege_type, grants.is_grantable, coalesce(quote_ident(roles.rolname), 'public')
from pg_class as views
cross join aclexplode(views.relacl) as grants
left join pg_roles as roles on grants.grantee = roles.oid
where views.oid = to_regclass(%s) and grants.grantee <> views.relowner
"""


class Publisher:
    """Publishes from one connection, which also holds the lock of the build."""

    def __init__(self, project: Project, connection: Connection, schema: str, reader_roles: Sequence[str]) -> None:
        self._project = project
        self._connection = connection
        self._schema = schema
        self._prefix = f"{schema}__"
        self._roles = reader_roles
        self._patience = float(project.variables.get("publish_patience_seconds", 600))

    def publish(self, manifest: Mapping[str, Any], tables: Sequence[PublicTable], built: WholeBuild) -> Publication:
        """Fills a new schema, waits for old snapshots, swaps. Raises PublishError; readers then keep what they had."""
        if not tables:
            raise PublishError(
                "the project has no public table", "models under models/marts with access: public are published"
            )
        now = datetime.now(UTC).replace(tzinfo=None)
        fresh = f"{self._prefix}{now:%Y%m%dT%H%M%S%f}"
        try:
            self._check_roles()
            publication = self._fill(manifest, tables, built, fresh, now)
            deadline = time.monotonic() + self._patience
            self._await_old_snapshots(deadline)
            self._swap(tables, fresh, deadline)
            self.clean_up()
        except psycopg2.Error as error:
            reason = " ".join(str(error).split())
            raise PublishError(
                f"publishing to schema {self._schema} failed: {reason}",
                "readers keep what they had; correct what it says, then run `strata publish`",
            ) from error
        return publication

    def clean_up(self) -> list[str]:
        """Drops the schemas of publications that no view shows, and returns their names. Only under the lock.

        A schema whose tables somebody else's view uses is left alone and told.
        """
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(_SHOWN_SCHEMAS, [self._schema, self._prefix])
            shown = {str(name) for (name,) in cursor.fetchall()}
            cursor.execute("select nspname from pg_namespace where starts_with(nspname, %s)", [self._prefix])
            left = sorted(str(name) for (name,) in cursor.fetchall() if name not in shown)
        dropped: list[str] = []
        for name in left:
            try:
                with self._connection, self._connection.cursor() as cursor:
                    cursor.execute("select tablename from pg_tables where schemaname = %s", [name])
                    for (table,) in cursor.fetchall():
                        cursor.execute(f"drop table {quoted(name)}.{quoted(str(table))}")
                    cursor.execute(f"drop schema {quoted(name)}")
            except pg_errors.DependentObjectsStillExist as error:
                say(f"  schema {name} is kept: {str(error).splitlines()[0]}", style="yellow")
            else:
                dropped.append(name)
        return dropped

    def _check_roles(self) -> None:
        with self._connection, self._connection.cursor() as cursor:
            for role in self._roles:
                cursor.execute("select 1 from pg_roles where rolname = %s", [role])
                if cursor.fetchone() is None:
                    raise PublishError(
                        f"there is no role {role}, which var reader_roles names",
                        f"create it: create role {role}; or take it out of the var",
                    )

    def _fill(
        self,
        manifest: Mapping[str, Any],
        tables: Sequence[PublicTable],
        built: WholeBuild,
        fresh: str,
        now: datetime,
    ) -> Publication:
        """A schema with all that readers will see, committed; no view shows it yet."""
        with self._connection, self._connection.cursor() as cursor:
            # One snapshot for every table, whoever builds by hand meanwhile.
            cursor.execute("set transaction isolation level repeatable read")
            cursor.execute(f"create schema {quoted(fresh)}")
            rows: dict[str, int] = {}
            digest = hashlib.sha256(str(self._connection.server_version).encode())
            for table in tables:
                place = f"{quoted(fresh)}.{quoted(table.name)}"
                cursor.execute(
                    f"create table {place} as select * from {quoted(table.schema)}.{quoted(table.identifier)}"
                )
                rows[table.name] = int(cursor.rowcount)
                if table.grain:
                    cursor.execute(
                        f"create unique index on {place} ({', '.join(quoted(name) for name in table.grain)})"
                    )
                cursor.execute(f"analyze {place}")
                digest.update(repr((table.name, self._content(cursor, place))).encode())
            publication = Publication(
                publication_id=f"{now:%Y%m%dT%H%M%S%f}-{digest.hexdigest()[:8]}",
                published_at=now,
                as_of_date=built.as_of,
                policy_version=self._policy_version(cursor, built.as_of, manifest),
                project_version=project_version(self._project),
                dbt_invocation_id=built.invocation_id,
                table_count=len(tables),
                row_count=sum(rows.values()),
                content_hash=digest.hexdigest(),
            )
            self._write_ledger(cursor, fresh, publication)
            if FEED_RECORDS in rows:
                self._write_changes(cursor, fresh, publication)
        return publication

    def _content(self, cursor: Cursor, place: str) -> tuple[Any, ...]:
        """Columns, types, rows and a sum of row fingerprints, which no order of rows changes."""
        columns = _columns(cursor, place)
        cursor.execute(f"select count(*), sum(cast(hashtextextended(cast(t as text), 0) as numeric)) from {place} as t")
        return (*columns, *(str(value) for value in cursor.fetchone() or ()))

    def _policy_version(self, cursor: Cursor, as_of: date, manifest: Mapping[str, Any]) -> str:
        schema, name = policy_versions_seed(manifest)
        cursor.execute(
            f"select policy_version from {quoted(schema)}.{quoted(name)}"
            " where cast(valid_from as date) <= %(day)s and (valid_to is null or %(day)s < cast(valid_to as date))"
            " order by valid_from desc, policy_version desc limit 1",
            {"day": as_of},
        )
        row = cursor.fetchone()
        if row is None:
            raise no_policy_version(as_of)
        return str(row[0])

    def _write_ledger(self, cursor: Cursor, fresh: str, publication: Publication) -> None:
        """The ledger as it stands, and the new row. Columns that an older ledger lacks are null in its rows."""
        place, before = f"{quoted(fresh)}.{LEDGER}", f"{quoted(self._schema)}.{LEDGER}"
        columns = ", ".join(f"{name} {kind}" for name, (kind, _) in LEDGER_COLUMNS.items())
        cursor.execute(f"create table {place} ({columns})")
        known = dict(_columns(cursor, before))
        if known:
            shared = ", ".join(name for name in LEDGER_COLUMNS if name in known)
            cursor.execute(f"insert into {place} ({shared}) select {shared} from {before} order by published_at")
        cursor.execute(
            f"insert into {place} values ({', '.join('%s' for _ in LEDGER_COLUMNS)})", list(astuple(publication))
        )

    def _write_changes(self, cursor: Cursor, fresh: str, publication: Publication) -> None:
        """The change feed as it stands, and what is new."""
        place, before = f"{quoted(fresh)}.{FEED}", f"{quoted(self._schema)}.{FEED}"
        columns = ", ".join(f"{name} {kind}" for name, (kind, _) in FEED_COLUMNS.items())
        cursor.execute(f"create table {place} ({columns})")
        if _columns(cursor, before):
            names = ", ".join(FEED_COLUMNS)
            cursor.execute(f"insert into {place} ({names}) select {names} from {before} order by change_number")
        cursor.execute(f"insert into {place} {changes_sql(f'{quoted(fresh)}.{FEED_RECORDS}', place, publication)}")
        cursor.execute(f"create unique index on {place} (change_number)")
        cursor.execute(f"analyze {place}")

    def _await_old_snapshots(self, deadline: float) -> None:
        """Until every transaction that holds a snapshot from before the fill has ended."""
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(_SNAPSHOTS_NOW)
            waiting = {str(name) for (name,) in cursor.fetchall()}
        told = False
        while waiting:
            if time.monotonic() > deadline:
                raise PublishError(
                    f"{len(waiting)} transactions from before this publication are still open after"
                    f" {self._patience:g} s",
                    "end them (see pg_stat_activity), then run `strata publish`; readers keep what they had",
                )
            if not told:
                say(f"  waiting for {len(waiting)} open transactions to end")
                told = True
            time.sleep(0.1)
            with self._connection, self._connection.cursor() as cursor:
                cursor.execute("select virtualtransaction from pg_locks where locktype = 'virtualxid'")
                waiting &= {str(name) for (name,) in cursor.fetchall()}

    def _swap(self, tables: Sequence[PublicTable], fresh: str, deadline: float) -> None:
        described = {table.name: (table.description, dict(table.columns)) for table in tables}
        described[LEDGER] = (LEDGER_DESCRIPTION, {name: text for name, (_, text) in LEDGER_COLUMNS.items()})
        if FEED_RECORDS in described:
            described[FEED] = (FEED_DESCRIPTION, {name: text for name, (_, text) in FEED_COLUMNS.items()})
        while True:
            try:
                with self._connection, self._connection.cursor() as cursor:
                    self._turn_views(cursor, described, fresh)
                return
            except pg_errors.LockNotAvailable as error:
                if time.monotonic() > deadline:
                    raise PublishError(
                        f"readers hold the published tables open for longer than {self._patience:g} s",
                        "end them (see pg_stat_activity), then run `strata publish`; readers keep what they had",
                    ) from error
                time.sleep(random.uniform(0.05, 0.3))

    def _turn_views(self, cursor: Cursor, described: Mapping[str, tuple[str, Mapping[str, str]]], fresh: str) -> None:
        schema = quoted(self._schema)
        cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(f"create schema if not exists {schema}")
        cursor.execute(_OUR_VIEWS, [self._schema, self._prefix])
        there = sorted(str(name) for (name,) in cursor.fetchall())
        if there:
            places = ", ".join(f"{schema}.{quoted(name)}" for name in there)
            cursor.execute(f"lock table {places} in access exclusive mode")
        for name in there:
            if name not in described:
                cursor.execute(f"drop view {schema}.{quoted(name)}")
        for name, (description, columns) in sorted(described.items()):
            self._turn_view(cursor, name, fresh)
            view = f"{schema}.{quoted(name)}"
            cursor.execute(f"comment on view {view} is {literal(description)}")
            known = dict(_columns(cursor, view))
            for column, text in columns.items():
                if column in known:
                    cursor.execute(f"comment on column {view}.{quoted(column)} is {literal(text)}")
        for role in self._roles:
            cursor.execute(f"grant usage on schema {schema} to {quoted(role)}")
            for name in described:
                cursor.execute(f"grant select on {schema}.{quoted(name)} to {quoted(role)}")

    def _turn_view(self, cursor: Cursor, name: str, fresh: str) -> None:
        """Lets the view show the new table. One whose columns have changed is made anew, with the rights it had."""
        view, table = f"{quoted(self._schema)}.{quoted(name)}", f"{quoted(fresh)}.{quoted(name)}"
        before, after = _columns(cursor, view), _columns(cursor, table)
        grants: list[tuple[str, bool, str]] = []
        if before and before != after[: len(before)]:
            cursor.execute(_GRANTS, [view])
            grants = [(str(right), bool(may_pass_on), str(role)) for right, may_pass_on, role in cursor.fetchall()]
            cursor.execute(f"drop view {view}")
        shown = ", ".join(quoted(column) for column, _ in after)
        cursor.execute(f"create or replace view {view} as select {shown} from {table}")
        for right, may_pass_on, role in grants:
            cursor.execute(f"grant {right} on {view} to {role}{' with grant option' if may_pass_on else ''}")


def _columns(cursor: Cursor, place: str) -> list[tuple[str, str]]:
    """Columns and types of a relation, in order; none when it is not there."""
    cursor.execute(_COLUMNS, [place])
    return [(str(name), str(kind)) for name, kind in cursor.fetchall()]
