"""Which macro has a form for which adapter: what a new adapter would have to write."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_DISPATCHED = re.compile(r"adapter\.dispatch\(\s*'(?P<name>\w+)'\s*,\s*'strata'\s*\)")
_DEFINED = re.compile(r"\{%-?\s*macro\s+(?P<adapter>[a-z]+)__(?P<name>\w+)\(")


@dataclass(frozen=True)
class DispatchedMacro:
    """A macro that engines differ in. file: where it is; adapters: which have a form of it, `default` included."""

    name: str
    file: str
    adapters: frozenset[str]

    def form_for(self, adapter: str, parents: Sequence[str] = ()) -> str | None:
        """The adapter whose form dbt takes: its own, a parent’s, the default; None when dbt would stop."""
        return next((name for name in (adapter, *parents, "default") if name in self.adapters), None)


def dispatched_macros(root: Path) -> list[DispatchedMacro]:
    """Every macro that the project dispatches, by name."""
    files: dict[str, str] = {}
    adapters: dict[str, set[str]] = {}
    for path in sorted((root / "macros").rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for found in _DISPATCHED.finditer(text):
            files[found["name"]] = str(path.relative_to(root))
        for found in _DEFINED.finditer(text):
            adapters.setdefault(found["name"], set()).add(found["adapter"])
    return [DispatchedMacro(name, files[name], frozenset(adapters.get(name, ()))) for name in sorted(files)]


def overridden_macros(root: Path) -> Mapping[str, Sequence[str]]:
    """Adapter -> macros of dbt itself that the project writes anew for it."""
    own = {macro.name for macro in dispatched_macros(root)}
    found: dict[str, list[str]] = {}
    for path in sorted((root / "macros").rglob("*.sql")):
        for match in _DEFINED.finditer(path.read_text(encoding="utf-8")):
            if match["name"] not in own:
                found.setdefault(match["adapter"], []).append(match["name"])
    return {adapter: sorted(names) for adapter, names in found.items()}
