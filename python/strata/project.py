"""The dbt project that a command works on, and the vars in force for this run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from strata.errors import InputError
from strata.variables import refuse_unknown_systems, refuse_unknown_vars

PROJECT_FILE = "dbt_project.yml"
BUILD_FILE = "build.duckdb"
PUBLISHED_FILE = "strata.duckdb"


@dataclass(frozen=True)
class Project:
    """What every command needs to know, settled once.

    root: folder with dbt_project.yml, absolute.
    company: name of the folder under models/staging whose company.yml is in force; None for the project's own vars.
    variables: the dbt vars in force: dbt_project.yml, then company.yml, then the options of the command.
    overrides: those of them that differ from dbt_project.yml and must be handed to dbt.
    raw_dir: folder of the raw tables, absolute. as_of: the day the run is for.
    warehouse: folder of the build file and the published file, absolute. target: dbt target; None for the
    profile's own.
    """

    root: Path
    company: str | None
    variables: Mapping[str, Any]
    overrides: Mapping[str, Any]
    raw_dir: Path
    as_of: date
    warehouse: Path
    target: str | None

    @property
    def build_db(self) -> Path:
        """The file that dbt builds in; no reader opens it."""
        return self.warehouse / BUILD_FILE

    @property
    def published_db(self) -> Path:
        """The file that readers open; only ever replaced whole."""
        return self.warehouse / PUBLISHED_FILE

    @property
    def policy_dir(self) -> Path:
        """The policy seeds."""
        return self.root / "seeds" / "policy"

    @property
    def reports_dir(self) -> Path:
        """Where gate and audit leave their results."""
        return self.root / "reports"

    @property
    def target_path(self) -> Path:
        """dbt's artifacts. Every warehouse but the default one has its own, so that two can build side by side."""
        if (chosen := os.environ.get("DBT_TARGET_PATH")) is not None:
            return (self.root / chosen).resolve()
        return self.root / "target" if self.warehouse == self.root / "warehouse" else self.warehouse / "target"

    @property
    def systems(self) -> tuple[str, ...]:
        """The source systems that are switched on, in the order of the var."""
        return tuple(self.variables.get("systems") or {})

    @property
    def history_start(self) -> date:
        """The first day of history. Raises InputError when the var says none."""
        return parse_day(str(self.variables.get("history_start_date")), "var history_start_date")

    def shown(self, path: Path) -> Path:
        """The path as a person would type it: relative to the working folder unless it lies far from it."""
        relative = Path(os.path.relpath(path))
        return relative if relative.parts[:2] != ("..", "..") else path


def find_root(start: Path) -> Path:
    """The nearest folder from `start` upwards that holds dbt_project.yml. Raises InputError when there is none."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise InputError(
        f"no {PROJECT_FILE} in {start} or above it",
        "run strata inside the project, or name its folder with --project-dir",
    )


def read_mapping(path: Path) -> dict[str, Any]:
    """A yml file whose top is a mapping. Raises InputError, naming the line, when it is not."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise InputError(f"{path}{line} is not readable yml", "correct the indentation or quoting there") from error
    except ValueError as error:
        # A day that is not quoted is read as one.
        raise InputError(f"{path} holds a date that no calendar has: {error}", "write it as YYYY-MM-DD") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError(f"{path} should hold `name: value` lines", "see dbt_project.yml for the form")
    return content


def load_project(
    project_dir: Path | None = None,
    company: str | None = None,
    raw_dir: Path | None = None,
    as_of: str | None = None,
    warehouse: Path | None = None,
    target: str | None = None,
) -> Project:
    """Reads the project and puts the options of a command over its vars.

    Paths given as options are relative to the working folder; those in yml files to the project's folder.
    A company's warehouse is `warehouse/<company>` unless told otherwise, so that it never replaces another's tables.
    Raises InputError when the project, the company or a value cannot be read.
    """
    root = (project_dir.resolve() if project_dir is not None else find_root(Path.cwd())).resolve()
    if not (root / PROJECT_FILE).is_file():
        raise InputError(f"no {PROJECT_FILE} in {root}", "name the project's folder with --project-dir")
    own = read_mapping(root / PROJECT_FILE).get("vars") or {}
    overrides = _company_vars(root, company, own)
    refuse_unknown_systems(root, says_systems(root, company, overrides), {**own, **overrides}.get("systems") or {})
    if raw_dir is not None:
        overrides["raw_dir"] = _portable(raw_dir.resolve(), root)
    if as_of is not None:
        overrides["as_of_date"] = as_of
    variables = {**own, **overrides}
    folder = (
        warehouse.resolve() if warehouse is not None else root.joinpath("warehouse", *([company] if company else []))
    )
    return Project(
        root=root,
        company=company,
        variables=MappingProxyType(variables),
        overrides=MappingProxyType(overrides),
        raw_dir=(root / str(variables.get("raw_dir", "raw"))).resolve(),
        as_of=_as_date(variables.get("as_of_date")),
        warehouse=folder,
        target=target,
    )


def companies(root: Path) -> list[str]:
    """The companies that have a company.yml, by name."""
    return sorted(path.parent.name for path in root.glob("models/staging/*/company.yml"))


def _company_file(root: Path, company: str) -> Path:
    return root / "models" / "staging" / company / "company.yml"


def says_systems(root: Path, company: str | None, overrides: Mapping[str, Any]) -> Path:
    """The file that says the var `systems`."""
    return _company_file(root, company) if company is not None and "systems" in overrides else root / PROJECT_FILE


def _company_vars(root: Path, company: str | None, own: Mapping[str, Any]) -> dict[str, Any]:
    if company is None:
        return {}
    path = _company_file(root, company)
    if not path.is_file():
        known = ", ".join(companies(root)) or "none yet"
        raise InputError(f"no company `{company}`: {path.relative_to(root)} is missing", f"companies here: {known}")
    values = read_mapping(path)
    refuse_unknown_vars(root, path, values, own)
    return values


def _portable(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def parse_day(text: str, option: str) -> date:
    """A day given as an option. Raises InputError when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{option} `{text}` is not a date", "write it as YYYY-MM-DD") from error


def _as_date(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise InputError(
            f"as-of date `{value}` is not a date", "write it as YYYY-MM-DD, with --as-of or as var as_of_date"
        ) from error
