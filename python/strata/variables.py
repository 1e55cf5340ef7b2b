"""The words that dbt_project.yml and company.yml may use: dbt reads past one that it does not know, without a word."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from strata.errors import InputError

# What a system of the var `systems` says of itself.
OFFERS = ("raw", "canonical")
GRAINS = ("day", "week", "month")
_READ = re.compile(r"""\bvar\(\s*["'](\w+)["']""")


def refuse_unknown_vars(root: Path, path: Path, values: Mapping[str, Any], known: Collection[str]) -> None:
    """Raises InputError where a company.yml sets a var that nothing reads. known: the vars of dbt_project.yml."""
    unknown = [name for name in values if name not in known]
    if not unknown:
        return
    # A company's own models may read vars of their own.
    read = _read_somewhere(root)
    for name in unknown:
        if name not in read:
            raise InputError(
                f"{path.relative_to(root)} sets var `{name}`, which nothing reads{_nearest(name, {*known, *read})}",
                "correct the name, or take the line out",
            )


def refuse_unknown_systems(root: Path, path: Path, systems: object) -> None:
    """Raises InputError where the var `systems` has another form than name: {raw: [...], canonical: [...]}.

    Also where it names a canonical table that there is none of: what a system says to fill there would be lost.
    """
    shown = path.relative_to(root)
    form = "write `name: {raw: [tables], canonical: [tables]}`, as dbt_project.yml does"
    if not isinstance(systems, Mapping):
        raise InputError(f"{shown}: var `systems` should name systems", form)
    tables = {model.stem for model in root.glob("models/canonical/**/*.sql")}
    for system, offer in systems.items():
        if not isinstance(offer, Mapping):
            raise InputError(f"{shown}: system `{system}` should say its raw and canonical tables", form)
        for word, names in offer.items():
            if word not in OFFERS:
                raise InputError(f"{shown}: system `{system}` says `{word}`{_nearest(str(word), OFFERS)}", form)
            if not isinstance(names, list):
                raise InputError(f"{shown}: `{word}` of system `{system}` should be a list of tables", form)
        for name in offer.get("canonical", []) if tables else []:
            if name not in tables:
                raise InputError(
                    f"{shown}: system `{system}` fills `{name}`, and there is no such canonical table"
                    f"{_nearest(str(name), tables)}",
                    "correct the name; models/canonical has all of them",
                )


def refuse_unwritten_models(root: Path, path: Path, systems: Mapping[str, Any]) -> None:
    """Raises InputError where the var `systems` names a table that no model stages or fills, or leaves one unnamed.

    dbt says of the first that a node was not found. What is staged and not named leaves its rejected rows unseen.
    """
    shown = path.relative_to(root)
    there = {model.stem: model for model in root.glob("models/**/*.sql")}
    for system, offer in systems.items():
        raw, canonical = offer.get("raw", []), offer.get("canonical", [])
        wanted = {f"stg_{system}__{name}": name for name in raw} | {f"{system}__{name}": name for name in canonical}
        for model, name in wanted.items():
            if model not in there:
                raise InputError(
                    f"{shown}: system `{system}` names `{name}`, and there is no models/staging/{system}/{model}.sql",
                    "write it, or take the table out",
                )
        for model in sorted(there):
            name = model.removeprefix(f"stg_{system}__")
            if name != model and name not in raw and _reads_the_raw_table(there[model], system, name):
                raise InputError(
                    f"{shown}: `raw` of system `{system}` does not name `{name}`, which {model} stages: what it rejects"
                    " would be seen nowhere",
                    "add it there, or take the model out",
                )
    filled = {name for offer in systems.values() for name in offer.get("canonical", [])}
    if "accounts" in filled and "account_versions" not in filled:
        raise InputError(
            f"{shown}: a system fills `accounts`, and none `account_versions`: accounts would have no name",
            "fill both: without history, one version an account from created_at on",
        )


def _reads_the_raw_table(model: Path, system: str, name: str) -> bool:
    calls = rf"""\b(?:raw_rows|source)\(\s*["']{system}["']\s*,\s*["']{name}["']"""
    return re.search(calls, model.read_text(encoding="utf-8")) is not None


def refuse_odd_times(values: Mapping[str, Any], history_start: date, as_of: date) -> None:
    """Raises InputError where a var of time has a value that no model can work with, or works with wrongly.

    Those that are missing are left to dbt.
    """
    grain, zone = str(values.get("snapshot_grain", "week")), str(values.get("time_zone", "UTC"))
    if grain not in GRAINS:
        raise InputError(f"var snapshot_grain is `{grain}`", f"use one of {', '.join(GRAINS)}")
    with duckdb.connect() as connection:
        zones = {str(row[0]) for row in connection.execute("select name from pg_timezone_names()").fetchall()}
    if zone not in zones:
        raise InputError(
            f"var time_zone is `{zone}`, and there is no such zone{_nearest(zone, zones)}",
            "name it as the IANA database does, like America/New_York",
        )
    if "calendar_start_date" not in values:
        return
    try:
        calendar = date.fromisoformat(str(values["calendar_start_date"]))
    except ValueError as error:
        raise InputError(
            f"var calendar_start_date `{values['calendar_start_date']}` is not a date", "write it as YYYY-MM-DD"
        ) from error
    if calendar.day != 1 or calendar > min(history_start, as_of):
        raise InputError(
            f"var calendar_start_date is {calendar}: it has to be the first of a month, no later than"
            f" {min(history_start, as_of)}, when history begins",
            f"set it to {min(history_start, as_of, calendar).replace(day=1)}, or to the month of the first revenue",
        )


def _read_somewhere(root: Path) -> set[str]:
    """The vars that the project's models, macros and tests read."""
    patterns = [f"{folder}/**/*.{kind}" for folder in ("models", "macros", "tests") for kind in ("sql", "yml")]
    files = [path for pattern in ("*.yml", *patterns) for path in root.glob(pattern)]
    return {name for path in files if path.is_file() for name in _READ.findall(path.read_text(encoding="utf-8"))}


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else ""
