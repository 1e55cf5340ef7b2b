"""The casts that staging uses, rendered from its own macros, so that gate and models judge every cell alike."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, StrictUndefined

from strata.errors import StrataError
from strata.gate.sources import RawColumn
from strata.sql import literal, quoted

_FILES = ("macros/adapters/casts.sql", "macros/adapters/json.sql")


@dataclass(frozen=True)
class Casts:
    """SQL for DuckDB, made by the dbt macros of the same names."""

    _macros: Any

    def present(self, column: str) -> str:
        """Condition: the cell holds something."""
        return f"{self._call('to_text', quoted(column))} is not null"

    def value(self, column: RawColumn) -> str:
        """The cell as its declared type; null when it cannot be read as one."""
        name = quoted(column.name)
        match column.data_type:
            case "timestamp" | "date":
                usual = self._call("to_timestamp_utc", name)
                if not column.meta.formats:
                    return usual
                formats = ", ".join(literal(text) for text in column.meta.formats)
                return f"coalesce({usual}, try_strptime({self._call('to_text', name)}, [{formats}]))"
            case "integer":
                return self._call("to_integer", name)
            case "decimal":
                return self._call("to_decimal", name)
            case "boolean":
                return self._call("to_boolean", name)
            case "json":
                return f"case when {self._call('json_is_readable', name)} then true end"
            case "text":
                return self._call("to_text", name)

    def _call(self, macro: str, *arguments: str) -> str:
        return str(self._macros[macro](*arguments)).strip()


def load_casts(root: Path) -> Casts:
    """Renders the macro files with stand-ins for what dbt offers them. Raises StrataError when a file is missing."""
    macros: dict[str, Any] = {}

    def dispatch(name: str, _package: str | None = None) -> Any:
        return macros.get(f"duckdb__{name}") or macros[f"default__{name}"]

    environment = Environment(undefined=StrictUndefined, autoescape=False, extensions=["jinja2.ext.do"])
    environment.globals.update(
        adapter=SimpleNamespace(dispatch=dispatch),
        dbt=SimpleNamespace(type_string=lambda: "text", type_timestamp=lambda: "timestamp"),
        **{"return": lambda value: value},
    )
    for name in _FILES:
        try:
            module = environment.from_string((root / name).read_text(encoding="utf-8")).module
        except OSError as error:
            raise StrataError(
                f"{name} is missing from the project", "restore it; staging and the gate both need it"
            ) from error
        macros.update(
            {key: member for key, member in vars(module).items() if callable(member) and not key.startswith("_")}
        )
    # Macros of one file call each other by name; across files and through dispatch they are found here.
    environment.globals.update(macros)
    return Casts(macros)
