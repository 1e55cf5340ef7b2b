"""What the published tables say today, on one screen."""

import shutil
from typing import Any

from strata.console import say, stdout, table
from strata.engines import read_target
from strata.explain import explain_account, in_one_sentence
from strata.project import Project
from strata.published import Published, Row, money, open_published, published_place

_BY_SEGMENT = """
select
    accounts.segment, segments.touch, count(*) as accounts,
    count(*) filter (where accounts.is_customer) as customers, sum(accounts.mrr) as mrr
from dim_accounts as accounts
left join dim_segments as segments
    on segments.segment_scheme = 'touch_model' and accounts.segment = segments.segment
group by accounts.segment, segments.touch, segments.segment_order
order by segments.segment_order nulls last, accounts.segment
"""

_BY_BAND = """
select
    coalesce(health_band, 'not scored') as health_band, count(*) as accounts, sum(mrr) as mrr,
    min(health_score) as lowest, max(health_score) as highest
from dim_accounts group by all order by lowest desc nulls last
"""

_BY_STAGE = """
select stage, count(*) as accounts, sum(mrr) as mrr, median(date_diff('day', stage_entered_on, as_of_date)) as days
from dim_accounts group by stage order by accounts desc, stage
"""

_REJECTED = """
select
    category, reason, count(*) as rows, count(distinct source_system || '.' || source_table) as tables,
    any_value(remedy) as remedy
from fct_rejected_rows group by category, reason order by category, rows desc, reason
"""

_UNMATCHED = """
select entity_type, count(*) as entities, count(*) filter (where match_status = 'unmatched') as unmatched,
    sum(mrr_at_stake) filter (where match_status = 'unmatched') as mrr_at_stake
from fct_account_matches group by entity_type order by entity_type
"""

# Three accounts worth a look, the same ones whenever the tables are the same: the most valuable of the worst band and
# of the best, and the customer whose score moved most.
_CHOSEN = """
with customers as (
    select accounts.account_id, accounts.mrr, accounts.health_band, accounts.health_score, scores.health_score_change
    from dim_accounts as accounts
    inner join fct_health_scores as scores on accounts.account_id = scores.account_id and scores.is_current
    where accounts.is_customer and accounts.health_score is not null
),
bands as (
    select
        health_band,
        rank() over (order by avg(health_score)) as from_worst,
        rank() over (order by avg(health_score) desc) as from_best
    from customers group by health_band
),
candidates as (
    select 'worth saving' as why, 1 as place, account_id, mrr,
        row_number() over (order by mrr desc, account_id) as choice
    from customers where health_band = (select health_band from bands where from_worst = 1)
    union all
    select 'on the move', 2, account_id, mrr,
        row_number() over (order by abs(health_score_change) desc nulls last, mrr desc, account_id)
    from customers where health_score_change <> 0
    union all
    select 'doing well', 3, account_id, mrr, row_number() over (order by mrr desc, account_id)
    from customers where health_band = (select health_band from bands where from_best = 1)
)
select why, place, account_id, mrr, choice from candidates where choice <= 3 order by place, choice
"""


def summarise(project: Project) -> dict[str, Any]:
    """The figures of the summary, read from the published file alone. Raises InputError when nothing is published."""
    with open_published(project) as published:
        publication = published.row(
            "select * from fct_publications order by published_at desc, publication_id desc limit 1"
        )
        currency = published.row("select any_value(currency) as currency from fct_account_mrr")
        return {
            "publication": publication,
            "currency": (currency or {}).get("currency") or "",
            "segments": published.rows(_BY_SEGMENT),
            "health_bands": published.rows(_BY_BAND),
            "stages": published.rows(_BY_STAGE),
            "rejected_rows": published.rows(_REJECTED),
            "matches": published.rows(_UNMATCHED),
            "accounts": _accounts(published, (currency or {}).get("currency") or ""),
        }


def _accounts(published: Published, currency: str) -> list[Row]:
    """Three different accounts, a sentence each; fewer when there are not so many."""
    told: dict[int, Row] = {}
    for row in published.rows(_CHOSEN):
        if row["place"] in told or row["account_id"] in {item["account_id"] for item in told.values()}:
            continue
        sentence = in_one_sentence(explain_account(published, row["account_id"]), row["mrr"], currency)
        told[row["place"]] = {"why": row["why"], "account_id": row["account_id"], "sentence": sentence}
    return [told[place] for place in sorted(told)]


def show_summary(project: Project, summary: dict[str, Any]) -> None:
    """The summary for people, on stdout."""
    out, currency = stdout(), summary["currency"]
    publication = summary["publication"]
    out.print(
        f"{published_place(project)} as of {publication['as_of_date']},"
        f" policy {publication['policy_version']}, published {publication['published_at']:%Y-%m-%d %H:%M} UTC",
        style="bold",
        soft_wrap=True,
    )
    out.print()
    table(
        "Segments (touch model)",
        [
            ("segment", "left"),
            ("touch", "left"),
            ("accounts", "right"),
            ("customers", "right"),
            (f"MRR {currency}", "right"),
        ],
        [
            [row["segment"], row["touch"] or "", f"{row['accounts']:,}", f"{row['customers']:,}", money(row["mrr"])]
            for row in summary["segments"]
        ],
    )
    table(
        "Health",
        [("band", "left"), ("accounts", "right"), (f"MRR {currency}", "right"), ("scores", "right")],
        [
            [row["health_band"], f"{row['accounts']:,}", money(row["mrr"]), _span(row["lowest"], row["highest"])]
            for row in summary["health_bands"]
        ],
    )
    table(
        "Journey",
        [("stage", "left"), ("accounts", "right"), (f"MRR {currency}", "right"), ("days in stage, median", "right")],
        [[row["stage"], f"{row['accounts']:,}", money(row["mrr"]), f"{row['days']:,.0f}"] for row in summary["stages"]],
    )
    table(
        "Rejected rows",
        [("category", "left"), ("reason", "left"), ("rows", "right"), ("tables", "right")],
        [
            [row["category"] or "", row["reason"], f"{row['rows']:,}", f"{row['tables']}"]
            for row in summary["rejected_rows"]
        ],
    )
    table(
        "Matched to accounts",
        [("entity", "left"), ("entities", "right"), ("unmatched", "right"), (f"MRR unmatched {currency}", "right")],
        [
            [row["entity_type"], f"{row['entities']:,}", f"{row['unmatched']:,}", money(row["mrr_at_stake"])]
            for row in summary["matches"]
        ],
    )
    out.print("Three accounts", style="bold")
    for row in summary["accounts"]:
        out.print(f"  {row['why']}: {row['sentence']}", soft_wrap=not out.is_terminal)
    out.print()
    _show_next(project, summary)


def _show_next(project: Project, summary: dict[str, Any]) -> None:
    out = stdout()
    strata = "strata" if shutil.which("strata") else ".venv/bin/strata"
    default = project.root / "warehouse"
    chosen = f" --warehouse {project.shown(project.warehouse)}" if project.warehouse != default else ""
    account = summary["accounts"][0]["account_id"] if summary["accounts"] else "ACCOUNT_ID"
    if project.target is not None:
        chosen += f" --target {project.target}"
    if (target := read_target(project)).kind == "duckdb":
        published = project.shown(project.published_db)
        look = (
            f".venv/bin/python -c \"import duckdb; duckdb.connect('{published}', read_only=True)"
            ".sql('from dim_accounts limit 5').show()\""
        )
    else:
        look = f"select * from dim_accounts limit 5   -- in {published_place(project)} of {target.name}"
    out.print("Next", style="bold")
    for command in (
        f"{strata} explain {account}{chosen}",
        f"{strata} check policy   # after editing seeds/policy",
        f"{strata} build --help",
        look,
    ):
        out.print(f"  {command}", soft_wrap=True)
    if not summary["accounts"]:
        say("no customer has a score yet; the reasons are in fct_health_scores")


def _span(lowest: Any, highest: Any) -> str:
    return "" if lowest is None else f"{lowest} to {highest}"
