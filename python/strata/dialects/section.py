"""The section of docs/engines.md that `strata dialects` writes."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from strata.dialects.compiled import compile_models
from strata.dialects.examine import Construct, DialectReport, report
from strata.dialects.known import DIALECTS, ENGINES, UNFIT
from strata.dialects.macros import dispatched_macros, overridden_macros
from strata.errors import InputError

BEGIN = "<!-- dialects: written by `make dialects` -->"
END = "<!-- /dialects -->"
NAMES = {"bigquery": "BigQuery", "databricks": "Databricks", "redshift": "Redshift", "snowflake": "Snowflake"}
_ADAPTERS = ("duckdb", "postgres", "spark")


def reports(root: Path) -> list[DialectReport]:
    """Every dialect, from the SQL that dbt compiles for the engine nearest to it."""
    compiled = {target: compile_models(root, target) for target in sorted({item.engine for item in DIALECTS})}
    return [report(compiled[item.engine], ENGINES[item.engine], item) for item in DIALECTS]


def constructs_section(found: Sequence[DialectReport]) -> str:
    """How many models parse, and everything that would not work, as Markdown."""
    lines = ["| dialect | from the SQL for | models | parse as they are | parse translated |", "|---|---|---|---|---|"]
    for item in found:
        cells = (NAMES[item.dialect.name], item.dialect.engine, item.models, item.as_they_are, item.translated)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    for item in found:
        lines += ["", f"**{NAMES[item.dialect.name]}.**"]
        if not item.constructs and not item.trouble:
            lines[-1] += " Nothing found."
            continue
        lines += ["", "| construct | models | what happens |", "|---|---|---|"]
        lines += [f"| {_cell(one.name)} | {_models(names)} | {_cell(one.why)} |" for one, names in _sorted(item)]
        lines += [f"| whole model | {name} | {_cell(why)} |" for name, why in item.trouble.items()]
    return "\n".join(lines) + "\n"


def macros_section(root: Path) -> str:
    """Which form of every dispatched macro each adapter gets, and which of them will not do, as Markdown."""
    adapters = [*[(name, ()) for name in _ADAPTERS], *[(item.name, item.parents) for item in DIALECTS]]
    lines = [f"| macro | {' | '.join(name for name, _ in adapters)} |", f"|---|{'---|' * len(adapters)}"]
    to_write: dict[str, list[str]] = {name: [] for name, _ in adapters}
    for macro in dispatched_macros(root):
        cells = []
        for name, parents in adapters:
            form = macro.form_for(name, parents)
            why = UNFIT.get((name, macro.name))
            cells.append("**none**" if form is None else f"~~{form}~~" if why else "own" if form == name else form)
            if form is None or why:
                to_write[name].append(f"`{macro.name}`" + (f" ({why})" if why else ""))
        lines.append(f"| [`{macro.name}`](../{macro.file}) | {' | '.join(cells)} |")
    lines += ["", "**none**: dbt stops. Struck out: dbt takes that form, and it would not do."]
    for item in DIALECTS:
        macros = to_write[item.name]
        lines += ["", f"To write for {NAMES[item.name]}: {'; '.join(macros) if macros else 'nothing'}."]
    for name, overridden in sorted(overridden_macros(root).items()):
        lines += ["", f"dbt’s own macros that are written anew for {name}: {', '.join(f'`{n}`' for n in overridden)}."]
    return "\n".join(lines) + "\n"


def section(root: Path, found: Sequence[DialectReport]) -> str:
    """Everything between the markers."""
    return f"\n{constructs_section(found)}\n#### What a new adapter has to write\n\n{macros_section(root)}\n"


def between_markers(path: Path) -> str:
    """What the file holds now. Raises InputError when the markers are gone."""
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise InputError(f"{path} lacks the lines `{BEGIN}` and `{END}`", "put them back, once each")
    return text.split(BEGIN)[1].split(END)[0]


def write_section(path: Path, content: str) -> None:
    """Replaces what stands between the markers."""
    old = between_markers(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"{BEGIN}{old}{END}", f"{BEGIN}\n{content}{END}"), encoding="utf-8")


def _sorted(item: DialectReport) -> Iterable[tuple[Construct, Sequence[str]]]:
    return sorted(item.constructs.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def _models(names: Sequence[str]) -> str:
    return f"{len(names)}, as in `{names[0]}`" if len(names) > 1 else f"`{names[0]}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
