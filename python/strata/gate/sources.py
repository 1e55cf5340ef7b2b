"""What the project says about its raw tables, read from the `_*__sources.yml` files (a dbt parse costs seconds)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, StrictUndefined
from jinja2.exceptions import TemplateError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from strata.errors import Finding, InputError
from strata.project import Project, read_mapping

DataType = Literal["text", "timestamp", "date", "integer", "decimal", "boolean", "json"]
Check = Literal["freshness", "volume", "ranges", "keys", "unique"]

# What ends a text in SQL, what dbt fills in, and what stands for other letters in a pattern.
_ODD = "'{}*?[]"
_QUOTED = re.compile(r"'([^']+)'")
_BEFORE_OPTIONS = re.compile(r"(?:[^'=]|'[^']*'?)*")


class Range(BaseModel):
    """Bounds of a numeric column, both included; None is unbounded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: float | None = None
    max: float | None = None


class GateOptions(BaseModel):
    """`config: meta: gate:` of a raw table.

    key: columns that identify a row.
    loaded_at: column with the connector's sync time.
    freshness_days: age of the newest loaded_at against the as-of date above which the gate warns.
    min_rows: fewer rows warn; none at all blocks.
    ranges: bounds of a column; values outside warn.
    optional: an empty table warns instead of blocking.
    may_be_absent: no file at all is fine: what fills the table may not have run yet.
    blocks: checks that block here although they warn by default.
    max_bad_share: share of unreadable or missing values above which a column blocks; below, the models reject the rows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: tuple[str, ...] = ()
    loaded_at: str | None = None
    freshness_days: float | None = None
    min_rows: int = Field(default=1, ge=0)
    ranges: Mapping[str, Range] = Field(default_factory=dict)
    optional: bool = False
    may_be_absent: bool = False
    blocks: tuple[Check, ...] = ()
    max_bad_share: float = Field(default=0.05, ge=0, le=1)


class ColumnMeta(BaseModel):
    """`config: meta:` of a raw column. formats: strptime formats that staging reads beside the usual spellings."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    required: bool = False
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawColumn:
    """A declared column of a raw table."""

    name: str
    data_type: DataType
    meta: ColumnMeta


@dataclass(frozen=True)
class RawTable:
    """A declared raw table.

    system: name of the source. location: the DuckDB expression that reads it, with absolute paths. paths: the file
    patterns in that expression. declared_in: the yml file. schema: where engines that do not read files find it.
    """

    system: str
    name: str
    location: str
    paths: tuple[str, ...]
    columns: tuple[RawColumn, ...]
    gate: GateOptions
    declared_in: Path
    schema: str

    @property
    def label(self) -> str:
        """`system.table`, as messages call it."""
        return f"{self.system}.{self.name}"


def read_sources(project: Project) -> list[RawTable]:
    """The raw tables of every system that the var `systems` switches on, in the order of the files.

    Raises InputError, naming the yml file, when one cannot be understood or a system has none, and where the raw folder
    has a name that no location can hold.
    """
    refuse_odd_folder(project.raw_dir)
    tables: list[RawTable] = []
    declared: set[str] = set()
    for path in sorted(project.root.glob("models/staging/**/_*__sources.yml")):
        for source in read_mapping(path).get("sources") or []:
            name = str(source.get("name"))
            if not ({name, path.parent.name} & set(project.systems)) or not _enabled(project, path, source):
                continue
            declared |= {name, path.parent.name}
            tables += [_table(project, path, source, table) for table in source.get("tables") or []]
    missing = [system for system in project.systems if system not in declared]
    if missing:
        raise InputError(
            f"system `{missing[0]}` is switched on, and models/staging/{missing[0]} declares no raw tables",
            f"write models/staging/{missing[0]}/_{missing[0]}__sources.yml, or take the system out of the var",
        )
    return tables


def refuse_odd_folder(raw_dir: Path) -> None:
    """Raises InputError where the name of the raw folder means something in SQL, in a pattern or in dbt's locations."""
    odd = sorted({letter for letter in str(raw_dir) if letter in _ODD})
    if odd:
        raise InputError(
            f"the raw folder {raw_dir} has {' '.join(odd)} in its name, which would be taken for part of a query",
            "rename the folder, or name another with --raw-dir",
        )


def _config(node: Mapping[str, Any]) -> Mapping[str, Any]:
    config = node.get("config") or {}
    return config if isinstance(config, Mapping) else {}


def _meta(node: Mapping[str, Any]) -> dict[str, Any]:
    return {**(node.get("meta") or {}), **(_config(node).get("meta") or {})}


def _enabled(project: Project, path: Path, node: Mapping[str, Any]) -> bool:
    return _render(project, path, str(_config(node).get("enabled", True))).strip().lower() != "false"


def _render(project: Project, path: Path, template: str) -> str:
    """Renders the little Jinja that a sources file may hold: var() and env_var()."""

    def var(name: str, default: Any = None) -> Any:
        if name not in project.variables and default is None:
            raise InputError(f"{path} uses var `{name}`, which has no value", f"give it one in {project.root.name}")
        # The gate may run from any folder; dbt always runs in the project's.
        return str(project.raw_dir) if name == "raw_dir" else project.variables.get(name, default)

    try:
        return str(Environment(undefined=StrictUndefined, autoescape=False).from_string(template).render(var=var))
    except TemplateError as error:
        raise InputError(f"{path}: cannot render `{template}`: {error}", "use var() only") from error


def _table(project: Project, path: Path, source: Mapping[str, Any], table: Mapping[str, Any]) -> RawTable:
    meta = {**_meta(source), **_meta(table)}
    name, system = str(table.get("name")), str(source.get("name"))
    template = meta.get("external_location")
    if not template:
        raise InputError(
            f"{path}: {system}.{name} says nothing about where its files are",
            "add external_location under config: meta:, as the other sources do",
        )
    rendered = _render(project, path, str(template)).format(name=name, identifier=table.get("identifier", name))
    location, paths = _absolute(rendered, project.root)
    try:
        return RawTable(
            system=system,
            name=name,
            location=location,
            paths=paths,
            columns=tuple(_column(column) for column in table.get("columns") or []),
            gate=GateOptions.model_validate(meta.get("gate") or {}),
            declared_in=path,
            schema=_render(project, path, str(source.get("schema") or system)),
        )
    except (ValidationError, ValueError) as error:
        raise _unreadable(path, f"{system}.{name}", error) from error


def _column(column: Mapping[str, Any]) -> RawColumn:
    name, data_type = str(column.get("name")), str(column.get("data_type", "text")).lower()
    known: dict[str, DataType] = {
        "text": "text",
        "timestamp": "timestamp",
        "date": "date",
        "integer": "integer",
        "decimal": "decimal",
        "boolean": "boolean",
        "json": "json",
    }
    if data_type not in known:
        raise ValueError(f"column `{name}` has data_type `{data_type}`; use one of {', '.join(known)}")
    return RawColumn(name=name, data_type=known[data_type], meta=ColumnMeta.model_validate(_meta(column)))


def _absolute(location: str, root: Path) -> tuple[str, tuple[str, ...]]:
    """The reading expression with absolute paths, and those paths. A location without parentheses is a bare path."""
    if "(" not in location:
        path = str(root / location.strip("'"))
        return f"'{path}'", (path,)
    # Quoted texts behind the first `=` are options of the reader, like a delimiter; a path may have one, too.
    tail = _BEFORE_OPTIONS.sub("", location, count=1)
    head = location.removesuffix(tail)
    paths = tuple(str(root / found) for found in _QUOTED.findall(head))
    head = _QUOTED.sub(lambda found: f"'{root / found.group(1)}'", head)
    return head + tail, paths


def _unreadable(path: Path, table: str, error: ValueError) -> InputError:
    if isinstance(error, ValidationError):
        reasons: Sequence[str] = [
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
        ]
    else:
        reasons = [str(error)]
    findings = [
        Finding("error", path, None, None, f"{table}: {reason}", "see the other _*__sources.yml files for the form")
        for reason in reasons
    ]
    return InputError(f"{path} describes {table} in words the gate does not know", "correct the file", findings)
