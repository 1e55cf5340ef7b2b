"""Reads the target that a command works on from profiles.yml, as dbt would."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateError
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import SandboxedEnvironment

from strata.errors import InputError
from strata.project import PROJECT_FILE, Project, read_mapping


@dataclass(frozen=True)
class Target:
    """A target of profiles.yml. kind: dbt's adapter, like `duckdb`. settings: its output, rendered."""

    name: str
    kind: str
    settings: Mapping[str, Any]


def read_target(project: Project, environment: Mapping[str, str] | None = None) -> Target:
    """The target in force: the option --target, else the profile's own.

    environment: variables that stand before those of the process. A project without profiles.yml is taken for one on
    DuckDB; dbt itself will say what it misses. Raises InputError when profiles.yml lacks the target or a variable
    without default is not set.
    """
    folder = Path(os.environ.get("DBT_PROFILES_DIR") or project.root)
    path = (project.root / folder / "profiles.yml").resolve()
    if not path.is_file():
        return Target(name=project.target or "dev", kind="duckdb", settings={})
    variables = {**os.environ, **(environment or {})}
    wanted = str(read_mapping(project.root / PROJECT_FILE).get("profile") or "strata")
    profile = read_mapping(path).get(wanted)
    if not isinstance(profile, dict):
        raise InputError(f"{path} has no profile `{wanted}`", "see the project's own profiles.yml for the form")
    name = project.target or str(_rendered(path, profile.get("target", "default"), variables))
    outputs = profile.get("outputs") or {}
    if name not in outputs:
        raise InputError(f"{path} has no target `{name}`", f"targets there: {', '.join(sorted(outputs))}")
    settings = _rendered(path, outputs[name], variables)
    return Target(name=name, kind=str(settings.get("type")), settings=settings)


class _Environment(SandboxedEnvironment, NativeEnvironment):
    """Native values, as dbt's filters give them, and nothing but values."""


def _rendered(path: Path, value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _rendered(path, item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_rendered(path, item, variables) for item in value]
    if not isinstance(value, str) or "{" not in value:
        return value

    def env_var(name: str, default: str | None = None) -> str:
        if name in variables:
            return variables[name]
        if default is None:
            raise InputError(f"{path} reads the environment variable {name}, which is not set", f"set {name}")
        return default

    def as_number(text: str) -> float | int:
        return float(text) if "." in text else int(text)

    environment = _Environment(undefined=StrictUndefined)
    # A password of digits must stay text: only the filters turn text into anything else.
    environment.concat = staticmethod(_joined)
    environment.filters.update(
        as_number=as_number, as_bool=lambda text: str(text).lower() == "true", as_native=as_number, as_text=str
    )
    try:
        return environment.from_string(value).render(env_var=env_var)
    except (TemplateError, ValueError) as error:
        raise InputError(f"{path}: cannot render `{value}`: {error}", "use env_var() only") from error


def _joined(values: Any) -> Any:
    parts = list(values)
    return parts[0] if len(parts) == 1 else "".join(str(part) for part in parts)
