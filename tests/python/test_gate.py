"""The gate: every fault of the raw tables is one message with its place and remedy, before anything is built."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from conftest import CUSTOMERS, ROOT, Ended, Shop
from strata.errors import InputError, StrataError
from strata.gate import check_raw
from strata.gate.casts import load_casts
from strata.gate.sources import ColumnMeta, RawColumn, read_sources
from strata.gx.dialect import ATTRIBUTE, DUCKDB, keep_connections
from strata.project import load_project

Strata = Callable[..., Ended]


def errors(shop: Shop) -> list[str]:
    """What blocks, as `where: message`."""
    found = check_raw(shop.project()).findings
    return [f"{item.where()}: {item.message}" for item in found if item.severity == "error"]


def warnings(shop: Shop) -> list[str]:
    """What is told only, as messages."""
    return [item.message for item in check_raw(shop.project()).findings if item.severity == "warning"]


def test_sound_tables_pass_without_a_word(shop: Shop, strata: Strata) -> None:
    ended = strata("check", "raw", "--project-dir", shop.root)
    assert ended.code == 0
    assert "2 raw tables can be built from" in ended.err
    assert "warning" not in ended.err


def test_missing_file_blocks_with_its_path(shop: Shop, strata: Strata) -> None:
    shop.payments.unlink()
    ended = strata("check", "raw", "--project-dir", shop.root)
    assert ended.code == 1
    assert ended.err.count("error:") == 1
    assert "payment.csv: missing file" in ended.err
    assert "remedy: land the table there" in ended.err


def test_a_raw_folder_may_have_an_equals_sign_in_its_name(shop: Shop) -> None:
    (shop.root / "raw").rename(shop.root / "dt=2026-06-30")
    project = load_project(shop.root, raw_dir=shop.root / "dt=2026-06-30")
    assert [finding for finding in check_raw(project).findings if finding.severity == "error"] == []


@pytest.mark.parametrize(("company", "file"), [("miaad", "accounts.csv"), ("ravenstack", "ravenstack_accounts.csv")])
def test_a_row_that_begins_with_a_number_sign_is_a_row(company: str, file: str, tmp_path: Path) -> None:
    """A reader that guesses takes it for a comment where the other rows begin with digits."""
    rows = [f"{number if number % 2 else '#N/A'},{number}" for number in range(200)]
    (tmp_path / file).write_text("\n".join(["account_id,seats", *rows]) + "\n", encoding="utf-8")
    sources = read_sources(load_project(ROOT, company=company, raw_dir=tmp_path))
    (accounts,) = [table for table in sources if table.system == company and table.name == "accounts"]
    assert duckdb.sql(f"select count(*) from {accounts.location}").fetchall() == [(200,)]


def test_missing_folder_of_a_table_names_the_one_that_looks_like_it(shop: Shop) -> None:
    shop.customers.parent.rename(shop.raw / "customers")
    (message,) = errors(shop)
    assert "missing file: nothing there for shop.customer; `customers` looks like it" in message


def test_missing_raw_folder_is_one_message(shop: Shop, strata: Strata) -> None:
    ended = strata("check", "raw", "--project-dir", shop.root, "--raw-dir", shop.root / "nowhere")
    assert ended.code == 1
    assert ended.err.count("error:") == 1
    assert "strata generate" in ended.err


def test_missing_required_column_blocks(shop: Shop, strata: Strata) -> None:
    shop.land_customers(f"select * exclude (created) from ({CUSTOMERS})")
    ended = strata("check", "raw", "--project-dir", shop.root)
    assert ended.code == 1
    assert ended.err.count("error:") == 1
    assert "column `created` of shop.customer is missing" in ended.err
    assert "remedy: land the column" in ended.err


def test_missing_optional_column_is_told_and_passes(shop: Shop) -> None:
    shop.land_customers(f"select * exclude (seats) from ({CUSTOMERS})")
    assert errors(shop) == []
    assert warnings(shop) == ["column `seats` of shop.customer is missing"]


def test_renamed_column_is_recognised(shop: Shop, strata: Strata) -> None:
    shop.land_customers(f"select * rename (name as nmae) from ({CUSTOMERS})")
    ended = strata("check", "raw", "--project-dir", shop.root)
    assert ended.code == 1
    assert ended.err.count("error:") == 1
    assert "column `name` of shop.customer is missing; `nmae` looks like it" in ended.err
    assert "remedy: rename it back" in ended.err


def test_renamed_optional_column_blocks_too_because_its_values_would_be_lost(shop: Shop) -> None:
    shop.land_customers(f"select * rename (seats as seat) from ({CUSTOMERS})")
    (message,) = errors(shop)
    assert "column `seats` of shop.customer is missing; `seat` looks like it" in message


def test_empty_table_blocks(shop: Shop) -> None:
    shop.land_payments([])
    (message,) = errors(shop)
    assert message.endswith("payment.csv: shop.payment is empty")


def test_empty_optional_table_is_told_and_passes(shop: Shop) -> None:
    sources = shop.root / "models" / "staging" / "shop" / "_shop__sources.yml"
    sources.write_text(sources.read_text().replace("gate: {key: [id]}", "gate: {key: [id], optional: true}"))
    shop.land_payments([])
    assert errors(shop) == []
    assert warnings(shop) == ["shop.payment is empty"]


def test_text_in_a_number_blocks_when_it_is_systematic(shop: Shop, strata: Strata) -> None:
    shop.land_payments([f"p{i},{'Jane Doe' if i % 10 == 3 else i}," for i in range(1, 101)])
    ended = strata("check", "raw", "--project-dir", shop.root)
    assert ended.code == 1
    assert ended.err.count("error:") == 1
    # The first of them is in the third row of data.
    assert "payment.csv, row 3, column `amount`: 10.0 % of the values" in ended.err
    assert "cannot be read as decimal" in ended.err
    assert "remedy: land `amount` as decimal" in ended.err


def test_single_bad_cells_are_left_to_the_models(shop: Shop) -> None:
    shop.land_payments([f"p{i},{'many' if i == 7 else i}," for i in range(1, 101)])
    assert errors(shop) == []
    assert warnings(shop) == ["1.0 % of the values in `amount` of shop.payment cannot be read as decimal"]


def test_rows_without_their_key_block_above_the_share(shop: Shop) -> None:
    shop.land_payments([f"{'' if i <= 6 else i},1," for i in range(1, 101)])
    (message,) = errors(shop)
    assert "6.0 % of the rows of shop.payment have no `id`" in message


def test_repeated_keys_are_told(shop: Shop) -> None:
    shop.land_payments([f"p{i % 50},1," for i in range(1, 101)])
    assert errors(shop) == []
    assert warnings(shop) == ["50.0 % of the rows of shop.payment repeat another row's key (id)"]


def test_old_loads_few_rows_and_values_out_of_range_are_told(shop: Shop) -> None:
    shop.land_customers(
        f"select * replace (seats * 200 as seats, synced - interval 9 day as synced) from ({CUSTOMERS}) limit 4"
    )
    assert errors(shop) == []
    assert sorted(warnings(shop)) == [
        "50.0 % of the values in `seats` of shop.customer lie outside its range",
        "shop.customer has 4 rows, at least 5 expected",
        "the newest row of shop.customer was loaded 9 days before the as-of date, 3 allowed",
    ]


def test_freshness_blocks_where_the_table_says_so(shop: Shop, strata: Strata) -> None:
    sources = shop.root / "models" / "staging" / "shop" / "_shop__sources.yml"
    sources.write_text(sources.read_text().replace("freshness_days: 3", "freshness_days: 3, blocks: [freshness]"))
    ended = strata("check", "raw", "--project-dir", shop.root, "--as-of", "2026-07-05")
    assert ended.code == 1
    assert "was loaded 5 days before the as-of date, 3 allowed" in ended.err
    # The same rows are fresh for the day they are for.
    assert strata("check", "raw", "--project-dir", shop.root, "--as-of", "2026-07-01").code == 0


# --- files that are no table, and copies beside them ---------------------------------------------------------------


@pytest.fixture
def delivered(shop: Shop) -> Shop:
    """The shop with its payments declared as the guide declares CSV: separator and quotes said, any ending read."""
    sources = shop.root / "models" / "staging" / "shop" / "_shop__sources.yml"
    options = ", delim = ',', comment = '', quote = '\\\"', escape = '\\\"'"
    text = sources.read_text().replace("payment.csv'", "payment.csv*'")
    sources.write_text(text.replace("header = true", f"header = true{options}"))
    return shop


@pytest.mark.parametrize("torn", ["p7,7", 'p7,7,"{}",x', "p7"], ids=["a cell short", "a cell long", "two short"])
@pytest.mark.parametrize("place", [0, 6, 99], ids=["first", "amid", "last"])
def test_a_row_of_another_length_is_told_by_file_and_line(
    delivered: Shop, strata: Strata, torn: str, place: int
) -> None:
    rows = [f'p{i},{i}.50,"{{}}"' for i in range(1, 101)]
    rows[place] = torn
    delivered.land_payments(rows)
    ended = strata("check", "raw", "--project-dir", delivered.root)
    assert ended.code == 1
    assert ended.err.count("error:") == 1
    cells = torn.count(",") + 1
    assert f"payment.csv, row {place + 1}: line {place + 2} of shop.payment has {cells} cells where the" in ended.err
    assert "remedy: add or take out the cell" in ended.err


def test_of_many_rows_of_another_length_the_first_is_named_and_the_others_are_counted(delivered: Shop) -> None:
    """The line is that of the file: a cell before it holds a line break."""
    sound = [f'p{i},1,"{{}}"' for i in range(4, 90)]
    delivered.land_payments(['p1,1,"{}"', 'p2,2,"{\n}"', "p3,3", *sound, "p90", "p91"])
    (message,) = errors(delivered)
    assert "row 3: line 5 of shop.payment has 2 cells where the header has 3, and so have 2 more rows" in message


def test_a_quote_that_is_never_closed_is_told(delivered: Shop) -> None:
    delivered.land_payments(['p1,1,"{}"', 'p2,2,"{', *(f'p{i},1,"{{}}"' for i in range(3, 90))])
    (message,) = errors(delivered)
    assert "payment.csv" in message


def test_another_separator_is_named(delivered: Shop, strata: Strata) -> None:
    delivered.land_payments([f"p{i};{i}.50;" for i in range(1, 101)], header="id;amount;details")
    ended = strata("check", "raw", "--project-dir", delivered.root)
    assert ended.code == 1
    assert ended.err.count("error:") == 1
    assert "payment.csv: the cells of shop.payment are separated by `;`, not by `,`" in ended.err
    assert "save it with `,` between the cells, or say delim = ';' in external_location of _shop__s" in ended.err


@pytest.mark.parametrize(
    ("encoding", "line", "says"), [("latin-1", 91, "encoding = 'latin-1'"), ("utf-16", 1, "looks like utf-16")]
)
def test_text_in_another_encoding_is_told_by_file_and_line(
    delivered: Shop, strata: Strata, encoding: str, line: int, says: str
) -> None:
    rows = [f'p{i},{i}.50,"{{}}"' for i in range(1, 101)]
    rows[89] = 'p90,90.50,"{""name"": ""Zoë""}"'
    delivered.payments.write_text("\n".join(["id,amount,details", *rows]) + "\n", encoding=encoding)
    ended = strata("check", "raw", "--project-dir", delivered.root)
    assert ended.code == 1
    assert ended.err.count("error:") == 1
    assert f"payment.csv: line {line} of shop.payment is not UTF-8 text" in ended.err
    assert says in ended.err
    assert "remedy: save it as CSV UTF-8, or say encoding" in ended.err


def test_an_encoding_that_is_declared_is_read(delivered: Shop) -> None:
    sources = delivered.root / "models" / "staging" / "shop" / "_shop__sources.yml"
    sources.write_text(sources.read_text().replace("header = true", "header = true, encoding = 'latin-1'"))
    delivered.payments.write_text('id,amount,details\np1,1,"{""name"": ""Zoë""}"\n', encoding="latin-1")
    assert errors(delivered) == []


def test_a_file_without_a_byte_is_told(delivered: Shop) -> None:
    delivered.payments.write_bytes(b"")
    (message,) = errors(delivered)
    assert "payment.csv: the file of shop.payment is empty: it has not even a header" in message


def test_a_column_that_stands_twice_in_the_header_is_told(delivered: Shop) -> None:
    delivered.land_payments([f"p{i},{i},{i}," for i in range(1, 101)], header="id,amount,Amount,details")
    (message,) = errors(delivered)
    assert "column `amount`: the header of shop.payment names the column 2 times" in message


@pytest.mark.parametrize("name", ["payment.csv.bak", "payment.csv~", "payment.csv.old", "payment.csv.tmp"])
def test_an_old_copy_beside_a_file_is_not_read_as_data(delivered: Shop, name: str) -> None:
    (delivered.raw / name).write_text("id,amount,details\np1,1,\n")
    (message,) = errors(delivered)
    assert f"{name}: shop.payment would be read from this file, too" in message


def test_a_file_and_its_compressed_self_are_not_read_both(delivered: Shop) -> None:
    (delivered.raw / "payment.csv.gz").write_bytes(gzip.compress(delivered.payments.read_bytes()))
    (message,) = errors(delivered)
    assert "payment.csv.gz: shop.payment would be read twice, from this file and from `payment.csv`" in message
    delivered.payments.unlink()
    assert errors(delivered) == []


@pytest.mark.parametrize("name", ["part-0 (1).parquet", "part-0 - Copy.parquet", "Copy of part-0.parquet"])
def test_a_copy_of_a_part_is_told(shop: Shop, name: str) -> None:
    shutil.copyfile(shop.customers, shop.customers.with_name(name))
    (message,) = errors(shop)
    assert f"{name}: shop.customer would be read twice: this looks like a copy of `part-0.parquet`" in message


def test_a_second_file_that_a_wider_pattern_takes_in_is_told_and_passes(delivered: Shop) -> None:
    sources = delivered.root / "models" / "staging" / "shop" / "_shop__sources.yml"
    sources.write_text(sources.read_text().replace("payment.csv*", "payment*.csv*"))
    assert warnings(delivered) == []
    (delivered.raw / "payments_2025.csv").write_text('id,amount,details\nq1,1,"{}"\n')
    assert errors(delivered) == []
    assert warnings(delivered) == ["shop.payment is read from 2 files: `payment.csv`, `payments_2025.csv`"]


def test_a_hidden_file_is_told_for_the_engine_reads_it(shop: Shop) -> None:
    shutil.copyfile(shop.customers, shop.customers.with_name("._part-0.parquet"))
    (message,) = errors(shop)
    assert "._part-0.parquet: shop.customer would be read from this file, too, which is a hidden one" in message


def test_parts_with_numbers_are_no_copies(shop: Shop) -> None:
    shop.customers.rename(shop.customers.with_name("part (1).parquet"))
    shop.land_customers(f"select * replace (id || 'x' as id) from ({CUSTOMERS})")
    shop.customers.rename(shop.customers.with_name("part (2).parquet"))
    assert errors(shop) == []


@pytest.mark.parametrize("letter", "'{[*")
def test_a_raw_folder_whose_name_is_no_plain_text_is_refused(shop: Shop, strata: Strata, letter: str) -> None:
    folder = shop.root / f"raw{letter}"
    (shop.root / "raw").rename(folder)
    ended = strata("check", "raw", "--project-dir", shop.root, "--raw-dir", folder)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.count("error:") == 1
    assert f"the raw folder {folder} has {letter} in its name" in ended.err
    assert "remedy: rename the folder" in ended.err


def test_broken_file_is_one_message(shop: Shop) -> None:
    shop.customers.write_bytes(b"PAR1 and then nothing")
    (message,) = errors(shop)
    assert "shop.customer cannot be read" in message


def test_results_hold_counts_and_no_cell(shop: Shop) -> None:
    shop.land_payments([f"p{i},{'Jane Doe' if i % 10 == 3 else i}," for i in range(1, 101)])
    result = check_raw(shop.project())
    kept = result.results.read_text() + result.page.read_text()
    assert "Jane" not in kept
    content = json.loads(result.results.read_text())
    assert content["blocked"] is True
    assert [table["rows"] for table in content["tables"]] == [100, 100]
    failed = [check for table in content["tables"] for check in table["checks"] if not check["success"]]
    assert {(check["check"], check["column"], check["severity"]) for check in failed} == {
        ("castable", "amount", "blocks"),
        ("castable", "amount", "warns"),
    }
    assert all(check["observed"] == 0.1 for check in failed)


def test_page_opens_without_the_network(shop: Shop) -> None:
    page = check_raw(shop.project()).page.read_text()
    assert "<h1>Raw gate</h1>" in page
    assert "http" not in page
    assert "<script" not in page


def test_system_that_is_off_is_not_looked_at(shop: Shop) -> None:
    assert [table.label for table in read_sources(shop.project())] == ["shop.customer", "shop.payment"]


def test_system_without_raw_tables_is_refused_by_name(shop: Shop) -> None:
    config = shop.root / "dbt_project.yml"
    config.write_text(config.read_text() + "    crm: {raw: [], canonical: []}\n")
    with pytest.raises(InputError, match="system `crm` is switched on"):
        read_sources(shop.project())


def test_unknown_word_in_a_sources_file_is_refused_by_name(shop: Shop) -> None:
    sources = shop.root / "models" / "staging" / "shop" / "_shop__sources.yml"
    sources.write_text(sources.read_text().replace("gate: {key: [id]}", "gate: {keys: [id]}"))
    with pytest.raises(InputError) as refused:
        read_sources(shop.project())
    assert [item.message for item in refused.value.findings] == ["shop.payment: keys: Extra inputs are not permitted"]


def test_casts_are_those_of_staging() -> None:
    casts = load_casts(ROOT)
    seats = casts.value(RawColumn("seats", "integer", ColumnMeta()))
    assert seats == """try_cast(nullif(trim(cast("seats" as text)), '') as integer)"""
    day = casts.value(RawColumn("day", "date", ColumnMeta(formats=("%d-%m-%Y",))))
    assert "try_strptime" in day
    assert "'%d-%m-%Y'" in day


def test_every_raw_table_of_the_project_is_understood() -> None:
    project = load_project(ROOT)
    tables = read_sources(project)
    declared = {f"{system}.{name}" for system, offer in project.variables["systems"].items() for name in offer["raw"]}
    assert {table.label for table in tables} == declared
    assert all(table.gate.key for table in tables), "a raw table without a key cannot be deduplicated"


@pytest.mark.parametrize("company", ["miaad", "ravenstack"])
def test_every_raw_table_of_a_company_is_understood(company: str) -> None:
    project = load_project(ROOT, company=company)
    assert {table.name for table in read_sources(project)} == set(project.variables["systems"][company]["raw"])


def test_bridge_fails_loudly_when_great_expectations_changes() -> None:
    with pytest.raises(StrataError, match=ATTRIBUTE):
        keep_connections(SimpleNamespace())  # type: ignore[arg-type]
    with pytest.raises(StrataError, match=ATTRIBUTE):
        keep_connections(SimpleNamespace(**{ATTRIBUTE: ("sqlite",)}))  # type: ignore[arg-type]


def test_bridge_adds_duckdb_once() -> None:
    module = SimpleNamespace(**{ATTRIBUTE: (SimpleNamespace(value="sqlite"),)})
    keep_connections(module)  # type: ignore[arg-type]
    keep_connections(module)  # type: ignore[arg-type]
    assert [dialect.value for dialect in getattr(module, ATTRIBUTE)] == ["sqlite", "duckdb"]
    assert DUCKDB == "duckdb"


def test_real_great_expectations_still_has_what_the_bridge_patches() -> None:
    import great_expectations.execution_engine.sqlalchemy_execution_engine as engine_module

    keep_connections(engine_module)
    assert any(getattr(item, "value", None) == "duckdb" for item in getattr(engine_module, ATTRIBUTE))


def test_report_folder_is_a_new_one_each_run(shop: Shop) -> None:
    first, second = check_raw(shop.project()), check_raw(shop.project())
    assert first.results != second.results
    assert Path(first.results).is_file()
