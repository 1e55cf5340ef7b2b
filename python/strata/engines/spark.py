"""Spark: raw files are read into databases of their own, and the tables of a build come back through Arrow.

One session an engine. It ends with its Java process, for the embedded catalogue admits one process at a time and dbt
wants it next.
"""

import os
import re
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, lit
from pyspark.sql.types import TimestampNTZType, TimestampType

from strata.audit_source import AuditSource, duckdb_source
from strata.console import say
from strata.dbt_runner import read_manifest
from strata.engines.base import Closing, Loaded
from strata.engines.profile import read_target
from strata.engines.spark_publish import SHOWN, Publisher
from strata.engines.spark_publish import quoted as _quoted
from strata.errors import BuildError, InputError, StrataError
from strata.gate.sources import RawTable, read_sources
from strata.last_build import WholeBuild
from strata.ledger import Publication
from strata.lock import build_lock
from strata.project import Project
from strata.publish import PublicTable, public_tables
from strata.sql import quoted

FOLDER = "STRATA_SPARK_DIR"
SCHEMA = "STRATA_SPARK_SCHEMA"
# What a column that the connector left out is, so that its nulls have the type that its values would have.
_TYPES = {"text": "string", "json": "string", "integer": "bigint", "decimal": "double"}
# Small tables cost the catalogue's time rather than the processor's, so several are written at once.
_LOADERS = 4
_CATALOGUE = re.compile(r"^jdbc:derby:;databaseName=([^;]+)")
_CATALOGUE_WAIT_SECONDS = 30.0


class SparkEngine(Closing):
    """A Spark session over the databases of a target."""

    def __init__(
        self, project: Project, target: str, settings: Mapping[str, Any], environment: Mapping[str, str]
    ) -> None:
        self._project = project
        self._target = target
        self._settings = settings
        self._environment = environment
        self._open: SparkSession | None = None

    @property
    def target(self) -> str:
        """The name in profiles.yml."""
        return self._target

    @property
    def environment(self) -> Mapping[str, str]:
        """What dbt must find in its environment: the folder of the tables as an absolute path, and the database."""
        return self._environment

    @property
    def session(self) -> SparkSession:
        """The session, started when it is first asked for. Raises StrataError when Spark cannot start."""
        if self._open is None:
            self._open = _start(self._settings["server_side_parameters"], Path(self._environment[FOLDER]) / "java.log")
        return self._open

    def load(self, project: Project) -> Loaded:
        """Writes each raw table into raw_<system>, replacing it whole, and ends the session, for dbt comes next.

        Columns that the sources file declares and the files lack are added as nulls. Raises InputError when a table
        cannot be read.
        """
        self.heal()
        prefix = str(project.variables.get("raw_schema_prefix", "raw_"))
        tables = read_sources(project)
        for system in sorted({table.system for table in tables}):
            self.session.sql(f"create database if not exists {_quoted(prefix + system)}")
        with ThreadPoolExecutor(_LOADERS) as pool:
            rows = list(pool.map(lambda table: self._load(table, prefix + table.system), tables))
        self.close()
        return Loaded(len(tables), sum(rows))

    def read_table(
        self, connection: duckdb.DuckDBPyConnection, schema: str, identifier: str
    ) -> duckdb.DuckDBPyRelation:
        """All rows of a table. A time comes as the wall clock of the session, which is UTC."""
        try:
            frame = self.session.table(f"{_quoted(schema)}.{_quoted(identifier)}")
            return connection.from_arrow(_without_zone(frame).toArrow())
        except PySparkException as error:
            raise BuildError(
                f"{schema}.{identifier} cannot be read: {_first_line(error)}", "run `strata build` on this target first"
            ) from error

    @property
    def readers_find(self) -> str:
        """The published database."""
        return f"database {self._published}"

    def lock(self) -> AbstractContextManager[None]:
        """The lock on the folder of the tables; a catalogue that several machines share has none."""
        return build_lock(Path(self._environment[FOLDER]))

    def heal(self) -> None:
        """Removes the folders of tables that a killed build or load was writing: the catalogue does not know them yet.

        Spark makes no table where files lie. Other half tables are replaced, databases go with the next switch.
        """
        parameters = self._settings.get("server_side_parameters", {})
        tables = Path(str(parameters.get("spark.sql.warehouse.dir", "tables")))
        half = [folder.parent for folder in tables.glob("*.db/*/_temporary")]
        for folder in half:
            name = f"{folder.parent.stem}.{folder.name}"
            if not self.session.catalog.tableExists(name):
                shutil.rmtree(folder)
                say(f"  removed half of {name}, left by a run that was stopped")
        if half:
            self.close()

    @contextmanager
    def audit_source(self) -> Iterator[AuditSource]:
        """A copy of the public tables in a temporary DuckDB file: the audit's own engine, but the driver's disk."""
        with tempfile.TemporaryDirectory(prefix="strata-audit-") as folder:
            copy = replace(self._project, warehouse=Path(folder))
            with duckdb.connect(str(copy.build_db)) as connection:
                connection.execute("set TimeZone = 'UTC'")
                for table in public_tables(read_manifest(self._project)):
                    connection.execute(f"create schema if not exists {quoted(table.schema)}")
                    place = f"{quoted(table.schema)}.{quoted(table.identifier)}"
                    rows = self.read_table(connection, table.schema, table.identifier)
                    rows.create(place)
                    # The expectations name tables without a schema.
                    connection.execute(f"create view {quoted(table.name)} as select * from {place}")
            with duckdb_source(copy) as source:
                yield source

    def publish(self, manifest: Mapping[str, Any], tables: Sequence[PublicTable], built: WholeBuild) -> Publication:
        """Fills a new database and switches the views to it; see strata.engines.spark_publish."""
        return self._publisher.publish(manifest, tables, built)

    def published_tables(self) -> Sequence[str]:
        """The views that readers see."""
        return [name for name in self._publisher.views() if name != SHOWN]

    def read_published(self, connection: duckdb.DuckDBPyConnection, name: str) -> duckdb.DuckDBPyRelation:
        """All rows of a published table."""
        return self.read_table(connection, self._published, name)

    def close(self) -> None:
        """Ends the session and its Java process; the next thing asked for starts another."""
        if self._open is not None:
            self._open = None
            _stop()

    @property
    def _published(self) -> str:
        return str(self._project.variables.get("published_schema", "strata")) + _suffix(self._project)

    @property
    def _publisher(self) -> Publisher:
        return Publisher(self._project, self.session, self._published)

    def _load(self, table: RawTable, database: str) -> int:
        files = [str(path) for pattern in table.paths for path in sorted(Path("/").glob(pattern.lstrip("/")))]
        if not files and not table.gate.may_be_absent:
            raise InputError(f"no files for {table.label}", f"land them as {table.paths[0]}, or switch the system off")
        name = f"{_quoted(database)}.{_quoted(table.name)}"
        try:
            self.session.sql(f"drop table if exists {name}")
            landed = self._files(table, files) if files else self.session.range(0).drop("id")
            frame = _padded(_without_ntz(landed), table)
            frame.write.mode("overwrite").format("parquet").saveAsTable(name)
            return int(self.session.table(name).count())
        except PySparkException as error:
            raise InputError(
                f"{table.label} cannot be loaded: {_first_line(error)}", "see that its files are whole"
            ) from error

    def _files(self, table: RawTable, files: list[str]) -> DataFrame:
        if table.location.startswith("read_csv"):
            return self.session.read.csv(files, header=True, quote='"', escape='"', multiLine=True, inferSchema=False)
        return self.session.read.option("mergeSchema", "true").parquet(*files)


def open_engine(project: Project, settings: Mapping[str, Any], environment: Mapping[str, str]) -> SparkEngine:
    """The engine of a Spark target. Raises InputError for a method other than session."""
    if settings.get("method") != "session":
        raise InputError(
            f"Strata works on Spark in a session; target {project.target} connects by {settings.get('method')}",
            "let dbt build there with dbt build --target …; docs/engines.md says how to load and publish on a cluster",
        )
    # dbt runs in the project's folder, this process anywhere. A company has tables of its own.
    folder = project.root / ({**os.environ, **environment}.get(FOLDER) or project.warehouse / "spark")
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**environment, FOLDER: str(folder), SCHEMA: str(settings["schema"]) + _suffix(project)}
    target = read_target(project, environment)
    return SparkEngine(project, target.name, target.settings, environment)


def _suffix(project: Project) -> str:
    return f"_{project.company}" if project.company else ""


def _start(parameters: Mapping[str, Any], log: Path) -> SparkSession:
    # The Java process finds a Python of its own otherwise, perhaps one without Arrow.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    _wait_for_catalogue(str(parameters.get("spark.hadoop.javax.jdo.option.ConnectionURL", "")))
    builder = SparkSession.builder.enableHiveSupport()
    for name, value in parameters.items():
        builder = builder.config(name, str(value))
    try:
        with _stderr_into(log):
            return builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise StrataError(
            f"Spark cannot start: {_first_line(error)}",
            f"see that Java 17 is there: java -version; what it said is in {log}",
        ) from error


@contextmanager
def _stderr_into(log: Path) -> Iterator[None]:
    """Java keeps the streams that it is started with, and greets everybody with ten lines about itself."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


def _stop() -> None:
    """Ends the session and the Java process behind it, which pyspark would keep until this process ends."""
    session = SparkSession.getActiveSession()
    gateway = SparkContext._gateway
    if session is not None:
        session.stop()
    if gateway is None:
        return
    gateway.shutdown()
    process = gateway.proc
    if process.stdin is not None:
        process.stdin.close()
    process.wait(timeout=_CATALOGUE_WAIT_SECONDS)
    SparkContext._gateway = None
    SparkContext._jvm = None


def _wait_for_catalogue(url: str) -> None:
    """Waits until no process has the embedded catalogue open: Java outlives the Python that ended it by a little."""
    found = _CATALOGUE.match(url)
    if found is None or os.name != "posix":
        return
    import fcntl

    lock = Path(found[1]) / "dbex.lck"
    until = time.monotonic() + _CATALOGUE_WAIT_SECONDS
    while lock.exists():
        with lock.open("r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > until:
                    raise StrataError(
                        f"another process has the catalogue in {lock.parent} open",
                        f"wait for it, or choose another folder with {FOLDER}",
                    ) from None
            else:
                return
        time.sleep(0.2)


def _padded(frame: DataFrame, table: RawTable) -> DataFrame:
    there = {name.lower() for name in frame.columns}
    missing = [column for column in table.columns if column.name.lower() not in there]
    for column in missing:
        frame = frame.withColumn(column.name, lit(None).cast(_TYPES.get(column.data_type, column.data_type)))
    return frame


def _without_ntz(frame: DataFrame) -> DataFrame:
    """Times without zone as times: dbt and the models know one kind."""
    return frame.select(
        [
            col(_quoted(field.name)).cast("timestamp").alias(field.name)
            if isinstance(field.dataType, TimestampNTZType)
            else col(_quoted(field.name))
            for field in frame.schema.fields
        ]
    )


def _without_zone(frame: DataFrame) -> DataFrame:
    return frame.select(
        [
            col(_quoted(field.name)).cast("timestamp_ntz").alias(field.name)
            if isinstance(field.dataType, TimestampType)
            else col(_quoted(field.name))
            for field in frame.schema.fields
        ]
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
