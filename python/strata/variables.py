"""The words that dbt_project.yml and company.yml may use: dbt reads past one that it does not know, without a word."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from strata.errors import InputError

# What a system of the var `systems` says of itself.
OFFERS = ("raw", "canonical")
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


def _read_somewhere(root: Path) -> set[str]:
    """The vars that the project's models, macros and tests read."""
    patterns = [f"{folder}/**/*.{kind}" for folder in ("models", "macros", "tests") for kind in ("sql", "yml")]
    files = [path for pattern in ("*.yml", *patterns) for path in root.glob(pattern)]
    return {name for path in files if path.is_file() for name in _READ.findall(path.read_text(encoding="utf-8"))}


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else ""
