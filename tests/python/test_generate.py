"""The generated company: same seed same bytes, tables as connectors land them, and a planted truth that is in them."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from strata.generate import GenerateConfig, GenerateError, generate
from strata.generate.clock import NEVER, PRE_MONTHS, add_months, make_clock
from strata.generate.defects import DEFECTS, scaled
from strata.generate.latent import simulate
from strata.generate.people import people
from strata.generate.schemas import SCHEMAS, TableKey
from strata.generate.vocabulary import BRANDS, FIRST_NAMES, LAST_NAMES, PRODUCTS
from strata.generate.world import PAYING, make_world

ROOT = Path(__file__).parents[2]
AS_OF = dt.date(2026, 6, 30)


def _config(out: Path, **changes: object) -> GenerateConfig:
    """A small company."""
    base: dict[str, object] = {
        "accounts": 120, "months": 12, "seed": 3, "as_of": AS_OF, "out": out, "events_per_account": 200.0,
    }  # fmt: skip
    return GenerateConfig.model_validate(base | changes)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company, made once."""
    out = tmp_path_factory.mktemp("company") / "raw"
    generate(_config(out))
    return out


def _rows(company: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows of a query in which {system.table} stands for a raw table and {_truth.name} for a table of truth."""
    names = {".".join(key): f"read_parquet('{company}/{key[0]}/{key[1]}/*.parquet')" for key in SCHEMAS}
    names |= {f"_truth.{p.stem}": f"read_parquet('{p}')" for p in (company / "_truth").glob("*.parquet")}
    for name, source in names.items():
        sql = sql.replace("{" + name + "}", source)
    return duckdb.connect().execute(sql).fetchall()


def _bytes(folder: Path) -> dict[str, bytes]:
    """Content of every file."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_same_seed_same_bytes_and_another_seed_another_company(company: Path, tmp_path: Path) -> None:
    generate(_config(tmp_path / "again"))
    generate(_config(tmp_path / "other", seed=4))
    assert _bytes(tmp_path / "again") == _bytes(company)
    tracks = "segment/tracks/part-00000.parquet"
    assert (tmp_path / "other" / tracks).read_bytes() != (company / tracks).read_bytes()


def test_chunks_change_the_files_and_no_row(company: Path, tmp_path: Path) -> None:
    out = tmp_path / "chunks"
    generate(_config(out, chunk_accounts=50))
    assert len(list((out / "segment" / "tracks").iterdir())) > len(list((company / "segment" / "tracks").iterdir()))
    for key in SCHEMAS:
        small = pq.read_table(out / key[0] / key[1]).combine_chunks()
        assert small.equals(pq.read_table(company / key[0] / key[1]).combine_chunks()), key


@pytest.mark.parametrize("key", sorted(SCHEMAS), ids=".".join)
def test_every_table_has_its_columns_and_types(company: Path, key: TableKey) -> None:
    found = pq.read_table(company / key[0] / key[1])
    assert found.num_rows > 0
    assert found.schema.names == SCHEMAS[key].names
    assert [f.type for f in found.schema] == [f.type for f in SCHEMAS[key]]


@pytest.mark.parametrize("key", sorted(DEFECTS), ids=".".join)
def test_planted_defects_are_counted_and_present(company: Path, key: TableKey) -> None:
    wanted: dict[str, int] = {}
    for defect in DEFECTS[key]:
        wanted[defect.reason] = wanted.get(defect.reason, 0) + scaled(_config(company), defect.count)
    found = _rows(
        company,
        f"""select reason, count(*) from {{_truth.rows}}
        where source_system = '{key[0]}' and source_table = '{key[1]}'
            and reason not in ('duplicate', 'deleted_in_source')
        group by reason""",
    )
    assert {str(reason): count for reason, count in found} == wanted
    if "missing_key" in wanted:
        nulls = _rows(company, f"select count(*) from {{{key[0]}.{key[1]}}} where id is null")
        assert nulls == [(wanted["missing_key"],)]


def test_every_key_of_the_truth_is_in_its_table_and_every_repeat_is_in_the_truth(company: Path) -> None:
    """Tables keyed by id: a key noted as broken occurs once; a key noted as duplicate once more than that."""
    noted = _rows(company, "select distinct source_system, source_table from {_truth.rows}")
    for system, table in noted:
        key = (str(system), str(table))
        if "id" not in SCHEMAS[key].names or "_fivetran_start" in SCHEMAS[key].names or table == "question":
            continue
        wrong = _rows(
            company,
            f"""with times as (select cast(id as varchar) as k, count(*) as n from {{{system}.{table}}} group by 1),
            noted as (
                select raw_key as k, count(*) filter (where reason = 'duplicate') as again from {{_truth.rows}}
                where source_system = '{system}' and source_table = '{table}' and raw_key is not null group by 1
            )
            select * from times full join noted using (k)
            where k is not null and coalesce(times.n, 0) <> 1 + coalesce(noted.again, 0)""",
        )
        assert wrong == [], key


def test_reasons_are_known_to_the_models(company: Path) -> None:
    with (ROOT / "seeds/crosswalks/rejection_reasons.csv").open(encoding="utf-8") as file:
        known = {row["reason"] for row in csv.DictReader(file)}
    planted = {reason for (reason,) in _rows(company, "select distinct reason from {_truth.rows}")}
    assert planted <= known


def test_sound_subscriptions_have_a_customer_and_an_item(company: Path) -> None:
    lost = _rows(
        company,
        """with bad as (select raw_key from {_truth.rows} where source_table = 'subscription_history'),
        sound as (select id, customer_id from {stripe.subscription_history}
            where id not in (select split_part(raw_key, '|', 1) from bad))
        select sound.id from sound
        left join {stripe.customer} as c on c.id = sound.customer_id
        left join {stripe.subscription_item} as i on i.subscription_id = sound.id
        where c.id is null or i.id is null""",
    )
    assert lost == []


def test_item_versions_are_half_open_and_do_not_overlap(company: Path) -> None:
    wrong = _rows(
        company,
        """with versions as (
            select id, _fivetran_start, _fivetran_end, _fivetran_active,
                lead(_fivetran_start) over (partition by id order by _fivetran_start) as next_start
            from {stripe.subscription_item}
        )
        select * from versions
        where _fivetran_end <= _fivetran_start or next_start <> _fivetran_end
            or _fivetran_active <> (_fivetran_end = timestamp '9999-12-31 23:59:59')""",
    )
    assert wrong == []
    assert _rows(company, "select count(*) > count(distinct id) from {stripe.subscription_item}") == [(True,)]


def test_broken_rows_spoil_no_sound_one(company: Path) -> None:
    """What a broken parent would drag along: no sound item uses a broken price, no sound discount a broken coupon."""
    used = _rows(
        company,
        """with broken as (select raw_key from {_truth.rows} where reason not in ('duplicate', 'deleted_in_source'))
        select plan_id from {stripe.subscription_item} semi join broken on plan_id = raw_key
        union all select coupon_id from {stripe.subscription_discount} semi join broken on coupon_id = raw_key
        union all select response_id from {qualtrics.question_response} semi join broken on response_id = raw_key""",
    )
    assert used == []


def test_nothing_happens_after_as_of_but_the_planted_events(company: Path) -> None:
    end = "timestamp '2026-07-01'"
    late = _rows(
        company,
        f"""select count(*) filter (where timestamp >= {end} and received_at >= {end}) from {{segment.tracks}}
        union all select count(*) from {{zendesk.ticket}} where created_at >= {end}
        union all select count(*) from {{stripe.invoice}} where created >= {end} or status_transitions_paid_at >= {end}
        union all select count(*) from {{stripe.subscription_history}} where ended_at >= {end} or canceled_at >= {end}
        union all select count(*) from {{salesforce.opportunity}} where created_date >= {end}
        union all select count(*) from {{qualtrics.survey_response}} where recorded_date >= {end}""",
    )
    planted = _rows(company, "select planted_value from {_truth.effects} where effect = 'events_after_as_of'")
    assert late == [(planted[0][0],), (0,), (0,), (0,), (0,), (0,)]


def test_people_live_on_example_domains(company: Path) -> None:
    for table, column in (
        ("salesforce.contact", "email"), ("stripe.customer", "email"), ("segment.identifies", "email"),
        ("zendesk.user", "email"), ("qualtrics.survey_response", "recipient_email"),
    ):  # fmt: skip
        found = _rows(company, f"select count(*) from {{{table}}} where {column} not like '%.example'")
        assert found == [(0,)], table


def test_matching_is_as_hard_as_planned(company: Path) -> None:
    """What the truth calls external_id carries an id in the raw tables, and what it does not call so carries none."""
    wrong = _rows(
        company,
        """with customers as (select unnest(stripe_customer_ids) as id, stripe_match from {_truth.accounts}),
        rows as (select distinct id, metadata like '%salesforce_account_id":"%' as has_id from {stripe.customer}
            where id is not null and email is not null)
        select * from customers join rows using (id) where (stripe_match = 'external_id') <> has_id""",
    )
    assert wrong == []
    kinds = _rows(
        company,
        """select distinct stripe_match from {_truth.accounts}
        union select distinct segment_match from {_truth.accounts}
        union select distinct zendesk_match from {_truth.accounts}""",
    )
    assert {kind for (kind,) in kinds} == {"external_id", "domain", "name", "none", "ambiguous", None}


def test_account_history_covers_each_life_without_gaps(company: Path) -> None:
    wrong = _rows(
        company,
        """with versions as (
            select id, created_date, _fivetran_start, _fivetran_end,
                lag(_fivetran_end) over (partition by id order by _fivetran_start) as previous_end
            from {salesforce.account_history}
        )
        select * from versions where _fivetran_start <> coalesce(previous_end, created_date)""",
    )
    assert wrong == []
    merged = _rows(
        company, "select count(*) from {salesforce.account} where is_deleted and master_record_id is not null"
    )
    assert merged != [(0,)]


def test_brands_are_the_seed() -> None:
    with (ROOT / "seeds/crosswalks/brands.csv").open(encoding="utf-8") as file:
        seed = [(row["domain"], row["brand"]) for row in csv.DictReader(file)]
    assert seed == list(BRANDS)


def test_a_believable_company() -> None:
    """Churn, sizes and arrivals of 1,000 accounts, judged without writing a file."""
    config = GenerateConfig(accounts=1_000)
    clock = make_clock(config)
    world = make_world(config, clock)
    latent = simulate(config, clock, world)
    active = latent.spell >= 0
    observed = range(PRE_MONTHS, PRE_MONTHS + config.months)
    churn = np.mean([np.mean(~active[active[:, m - 1], m]) for m in observed])
    assert 0.015 <= churn <= 0.025
    already = active[:, PRE_MONTHS - 1].sum() / (world.kind == PAYING).sum()
    assert 0.25 <= already <= 0.42
    price = np.array([p.usd_cents / 100 for p in PRODUCTS])
    last = PRE_MONTHS + config.months - 1
    fee = (latent.seats[:, last] * price[latent.plan[:, last]])[active[:, last]]
    assert 0.30 <= np.mean(fee < 500) <= 0.50
    assert 0.10 <= np.mean(fee > 5_000) <= 0.30
    assert 3 <= np.sum(fee > 10_000) <= 80
    assert np.mean(fee) > 2 * np.median(fee)
    size_and_skill = np.corrcoef(np.log(world.target_usd), world.sophistication)[0, 1]
    assert abs(size_and_skill) < 0.1
    ended = latent.spells.end < NEVER
    assert 0.1 <= latent.spells.silent[ended].mean() <= 0.3
    assert (latent.spells.quiet_weeks[ended & ~latent.spells.silent] > 0).mean() > 0.6
    assert not (latent.spells.quiet_weeks[latent.spells.silent] > 0).any()


def test_first_invoice_brings_tickets(company: Path) -> None:
    """The planted effect is large enough to be seen: the fortnight after the first invoice against the rest."""
    [(near, near_days, far, far_days)] = _rows(
        company,
        """with first as (
            select a.zendesk_organization_id as organization_id, min(i.created) as at from {_truth.accounts} as a,
                unnest(a.stripe_customer_ids) as c(id), {stripe.invoice} as i
            where i.customer_id = c.id and a.zendesk_organization_id is not null group by 1
        )
        select count(*) filter (where t.created_at < f.at + interval 14 day), any_value(n.accounts) * 14.0,
            count(*) filter (where t.created_at >= f.at + interval 14 day and t.created_at < f.at + interval 104 day),
            any_value(n.accounts) * 90.0
        from {zendesk.ticket} as t join first as f using (organization_id),
            (select count(*) as accounts from first) as n
        where t.created_at >= f.at""",
    )
    assert float(str(near)) / float(str(near_days)) > 1.5 * float(str(far)) / float(str(far_days))


def test_months_are_added_to_the_same_day() -> None:
    times = np.array(["2024-01-28T10:00", "2024-12-01T00:00"], dtype="datetime64[us]").astype(np.int64)
    moved = add_months(times, np.array([1, 13])).astype("datetime64[us]").astype(str).tolist()
    assert moved == ["2024-02-28T10:00:00.000000", "2026-01-01T00:00:00.000000"]


def test_people_of_an_account_differ() -> None:
    """More people than first or last names, and still no two share both."""
    rows = 2_000
    assert rows > 10 * max(len(FIRST_NAMES), len(LAST_NAMES))
    who = people(GenerateConfig(), np.zeros(rows, dtype=np.int64), np.arange(rows, dtype=np.int64))
    assert len(set(who.mailbox.to_pylist())) == rows


def test_as_of_may_cut_a_month(tmp_path: Path) -> None:
    report = generate(_config(tmp_path / "cut", accounts=40, as_of=dt.date(2026, 2, 10), months=3))
    assert report.rows["segment.tracks"] > 0
    newest = _rows(tmp_path / "cut", "select max(created) < timestamp '2026-02-11' from {stripe.invoice}")
    assert newest == [(True,)]


def test_a_foreign_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "notes.txt").write_text("not generated", encoding="utf-8")
    with pytest.raises(GenerateError, match="did not write"):
        generate(_config(out, accounts=20))
    assert (out / "notes.txt").read_text(encoding="utf-8") == "not generated"
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
    generate(_config(out, accounts=20, force=True))
    assert not (out / "notes.txt").exists()
    generate(_config(out, accounts=21))
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["config"]["accounts"] == 21


def test_a_place_where_nobody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GenerateError, match="cannot be written"):
        generate(_config(tmp_path / "file" / "raw", accounts=20))


def test_a_run_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "raw"
    generate(_config(out, accounts=20))
    before = _bytes(out)

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "zendesk":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(_config(out, accounts=30), stop)
    assert _bytes(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["raw"]


def test_what_a_killed_run_left_is_healed(tmp_path: Path) -> None:
    """Killed between the two renames: the old folder stands aside, the new one is half there, the target is missing."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / f".raw.partial-{gone.pid}").mkdir()
    aside = tmp_path / f".raw.old-{gone.pid}"
    aside.mkdir()
    alive = tmp_path / f".raw.partial-{os.getppid()}"
    alive.mkdir()
    generate(_config(tmp_path / "raw", accounts=20))
    assert {p.name for p in tmp_path.iterdir()} == {"raw", alive.name}


@pytest.mark.parametrize(
    "wrong", [{"accounts": 3}, {"months": 0}, {"seed": -1}, {"as_of": dt.date(1999, 1, 1)}, {"events_per_account": 0}]
)
def test_values_out_of_range_are_refused(wrong: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        _config(tmp_path, **wrong)


def test_progress_ends_at_its_total(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    generate(_config(tmp_path / "raw", accounts=60), lambda stage, done, total: seen.append((done, total)))
    assert seen == [(i + 1, len(seen)) for i in range(len(seen))]


def test_command_prints_one_json_line_and_a_remedy(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "strata.generate",
        "--accounts",
        "20",
        "--months",
        "3",
        "--out",
        str(tmp_path / "raw"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT / "python")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    table: pa.Table = pq.read_table(tmp_path / "raw" / "stripe" / "invoice")
    assert report["rows"]["stripe.invoice"] == table.num_rows
    refused = subprocess.run(
        [*command, "--accounts", "1"], capture_output=True, text=True, check=False, cwd=ROOT / "python"
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--accounts" in refused.stderr


def test_visits_keep_the_number_of_events_and_crowd_them_into_days(company: Path, tmp_path: Path) -> None:
    out = tmp_path / "raw"
    generate(_config(out, events_per_visit=5))
    sql = "select count(*), count(distinct (user_id, cast(timestamp as date))) from {segment.tracks}"
    ((events, days),), ((crowded, crowded_days),) = _rows(company, sql), _rows(out, sql)
    assert 0.85 < int(str(crowded)) / int(str(events)) < 1.15
    assert int(str(crowded_days)) < int(str(days)) / 3
