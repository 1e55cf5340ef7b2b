"""The engines that Strata builds on, one module each; see base for what they share."""

import importlib
from collections.abc import Mapping
from typing import cast

from strata.engines.base import Engine, Loaded, PublishingEngine
from strata.engines.profile import Target, read_target
from strata.errors import InputError, StrataError
from strata.project import Project

__all__ = ["Engine", "Loaded", "PublishingEngine", "Target", "open_engine", "open_publisher", "read_target"]

KINDS = ("duckdb", "postgres", "spark")


def open_engine(project: Project, environment: Mapping[str, str] | None = None) -> Engine:
    """The engine of the project's target.

    environment: variables that stand before those of the process, for work away from the usual schemas.
    Raises InputError for a target or an adapter that is not known, StrataError when its packages or the engine itself
    cannot be had.
    """
    target = read_target(project, environment)
    if target.kind not in KINDS:
        raise InputError(f"target `{target.name}` is of type {target.kind}", f"use one of {', '.join(KINDS)}")
    try:
        module = importlib.import_module(f"strata.engines.{target.kind}")
    except ModuleNotFoundError as error:
        raise StrataError(
            f"target `{target.name}` needs the package {error.name}",
            f"install this project with its extra: pip install -e '.[{target.kind}]', or make setup-{target.kind}",
        ) from error
    return cast(Engine, module.open_engine(project, target.settings, dict(environment or {})))


def open_publisher(project: Project) -> PublishingEngine:
    """The engine of the project's target, to build, audit and publish on. Raises what open_engine does."""
    return cast(PublishingEngine, open_engine(project))
