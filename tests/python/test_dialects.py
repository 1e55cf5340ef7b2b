"""The report on warehouses that cannot be had here sees every model and every planted construct.

And docs/engines.md says what it sees. Compiling for Spark needs the extra `spark`, though neither Java nor Spark.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from engines_needed import without_engine
from strata.dialects import section
from strata.dialects.compiled import compile_models
from strata.dialects.examine import examine, report
from strata.dialects.known import DIALECTS, ENGINES, UNFIT
from strata.dialects.macros import dispatched_macros
from strata.errors import InputError

DOCS = ROOT / "docs" / "engines.md"
BY_NAME = {dialect.name: dialect for dialect in DIALECTS}


def names(sql: str, engine: str, dialect: str) -> set[str]:
    verdict = examine(sql, engine, dialect)
    assert not verdict.trouble
    return {construct.name for construct in verdict.constructs}


@pytest.mark.parametrize(
    ("sql", "engine", "dialect", "found"),
    [
        ("select arg_max(a, b) from t", "duckdb", "bigquery", "`arg_max`, `arg_min`"),
        ("select * from a asof join b on a.t >= b.t", "duckdb", "snowflake", "`asof join`"),
        ("select a, sum(b) from t group by all", "duckdb", "redshift", "`group by all`"),
        ("select range from range(10)", "duckdb", "snowflake", "`range()` or `generate_series` as a table"),
        ("select a / b from t", "postgres", "redshift", "`/`"),
        ("select div(a + b, 2 * c) from t", "postgres", "redshift", "`div()`"),
        ("select cast(a as decimal(28, 10)) from t", "spark", "bigquery", "decimals with a scale above 9"),
        ("select sum(a) over (order by b) from t", "postgres", "redshift",
         "running `sum`, `max`, `min` … `over (… order by …)` without a frame"),
        ("select last_value(a) over (order by b) from t", "spark", "snowflake",
         "`last_value`, `first_value` without a frame"),
        ("select regexp_replace(a, 'x', '', 'g') from t", "postgres", "redshift", "`regexp_replace(…, 'g')`"),
        ("select a collate \"C\" from t", "postgres", "redshift", "`collate` after an expression"),
        ("select my_function(a) from t", "spark", "databricks", "`my_function()`"),
        ("select \"own\".try_number(a) from t", "postgres", "redshift",
         "functions of the project’s own, in PL/pgSQL"),
    ],
)  # fmt: skip
def test_a_planted_construct_is_found(sql: str, engine: str, dialect: str, found: str) -> None:
    assert found in names(sql, engine, dialect)


def test_what_is_everywhere_is_not_reported() -> None:
    sql = "with a as (select coalesce(max(b), 0) as c from t group by d) select * from a where c in (1, 2) and (c > 0)"
    for dialect in BY_NAME:
        assert names(sql, "postgres", dialect) == set()
    framed = "select sum(a) over (order by b rows between unbounded preceding and current row) from t"
    assert names(framed, "postgres", "redshift") == set()


def test_what_does_not_parse_is_told_by_model() -> None:
    found = report({"good": "select 1 as a", "bad": "select from where ("}, "postgres", BY_NAME["redshift"])
    assert (found.models, found.as_they_are, found.translated) == (2, 1, 1)
    assert list(found.trouble) == ["bad"]
    assert "| whole model | bad |" in section.constructs_section([found])


def test_a_macro_without_a_form_is_told(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "macros", tmp_path / "macros")
    (tmp_path / "macros" / "planted.sql").write_text(
        "{% macro planted() %}{{ return(adapter.dispatch('planted', 'strata')()) }}{% endmacro %}\n"
        "{% macro spark__planted() %}1{% endmacro %}\n",
        encoding="utf-8",
    )
    text = section.macros_section(tmp_path)
    assert (
        "| [`planted`](../macros/planted.sql) | **none** | **none** | own | **none** | **none** | spark | **none** |"
        in text
    )
    # What is said about macros that fail is about macros that there are, in a form that dbt would take.
    macros = {macro.name: macro for macro in dispatched_macros(ROOT)}
    for dialect, name in UNFIT:
        assert macros[name].form_for(dialect, BY_NAME[dialect].parents) is not None, (dialect, name)


def test_the_page_shows_the_macros_as_they_are() -> None:
    assert section.macros_section(ROOT) in section.between_markers(DOCS), "run `make dialects`"


@pytest.mark.slow
@pytest.mark.parametrize("target", sorted({dialect.engine for dialect in DIALECTS}))
def test_every_model_parses_and_the_page_shows_what_was_found(target: str) -> None:
    if target == "spark" and importlib.util.find_spec("pyspark") is None:
        without_engine("spark", "the extra spark is not installed")
    models = compile_models(ROOT, target)
    assert set(models) >= {path.stem for path in (ROOT / "models" / "marts").rglob("*.sql")}
    shown = section.between_markers(DOCS)
    for dialect in (dialect for dialect in DIALECTS if dialect.engine == target):
        found = report(models, ENGINES[target], dialect)
        assert not found.trouble
        # How many models hold a construct changes with every model; that it is there, and why, must be shown.
        part = re.split(r"^(?:\*\*(?=[A-Z])|#### )", shown.split(f"**{section.NAMES[dialect.name]}.**")[1], flags=re.M)[
            0
        ]
        rows = {tuple(line.split(" | ")[::2]) for line in part.splitlines() if line.startswith("| ")}
        rows -= {("| construct", "what happens |")}
        assert rows == {(f"| {one.name}", f"{one.why} |") for one in found.constructs}, "run `make dialects`"


def test_the_section_is_written_between_its_markers_only(tmp_path: Path) -> None:
    page = tmp_path / "engines.md"
    page.write_text(f"before\n{section.BEGIN}\nold\n{section.END}\nafter\n", encoding="utf-8")
    section.write_section(page, "\nnew\n")
    assert page.read_text(encoding="utf-8") == f"before\n{section.BEGIN}\n\nnew\n{section.END}\nafter\n"
    page.write_text("no markers\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks the lines"):
        section.write_section(page, "new")
