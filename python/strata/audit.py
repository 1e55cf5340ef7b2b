"""Audits the built public tables before readers get them: grain, ranges, rows with Great Expectations, then the laws.

The laws are those of the design that can be seen in the public tables alone. Each is one query whose rows are what
breaks it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from strata.audit_source import AuditSource, duckdb_source
from strata.dbt_runner import read_manifest
from strata.errors import BuildError, Finding, StrataError, writing
from strata.gx import Expected
from strata.project import Project
from strata.publish import PublicTable, public_tables
from strata.sql import literal, quoted

NO_ROW = "has no row"
# A public table without a row is a build of nothing; these alone may well have none.
MAY_BE_EMPTY = (
    "fct_rejected_rows",
    "fct_invoice_differences",
    "fct_account_matches",
    "fct_health_score_changes",
    "fct_health_validation",
    "fct_disagreements",
    "fct_segment_disagreements",
    "fct_health_parents",
    "fct_health_overrides",
    "fct_segment_overrides",
    "fct_override_hit_rates",
    "fct_recommended_actions",
    "fct_journey_friction",
    # Visits that began within the history: where it begins today, or nobody moves, there is none.
    "fct_journey_durations",
    "fct_friction_watch",
    "fct_process_exceptions",
)

# What else may have none: tables that are made of one of these groups of canonical tables, where the systems that are
# switched on fill no group whole. Who connects no billing has no revenue, and is audited all the same.
_SOLD = ("subscriptions", "subscription_items")
_PAID = ("customers", *_SOLD)
MADE_OF: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "fct_account_mrr": (_SOLD,),
    "fct_revenue_retention": (_SOLD,),
    "fct_mrr_movements": (_PAID,),
    "fct_health_score_components": (_PAID,),
    "fct_csm_portfolios": (_PAID,),
    "fct_account_economics": (_PAID, ("activities",), ("support_organizations", "tickets")),
    "fct_segment_economics": (_PAID, ("activities",), ("support_organizations", "tickets")),
    "fct_journey_milestones": (_PAID, ("customers", "invoices"), ("workspaces", "usage_events")),
}

# Column of any public table -> bounds that its definition gives it, both included.
RANGES: Mapping[str, tuple[float | None, float | None]] = {
    "health_score": (0, 100),
    "computed_score": (0, 100),
    "points": (0, 100),
    "contribution": (-100, 100),
    "weighted_score": (0, 100),
    "family_score": (0, 100),
    "weight": (0, 1),
    "coverage": (0, 1),
    "churn_rate": (0, 1),
    "churn_probability": (0, 1),
    "recall": (0, 1),
    "auc": (0, 1),
    "match_confidence": (0, 1),
    "mrr_at_stake": (0, None),
    "closing_mrr": (0, None),
    "opening_mrr": (0, None),
}


@dataclass(frozen=True)
class Law:
    """A statement about public tables. tables: those it speaks of. sql: gives a row for everything that breaks it."""

    name: str
    statement: str
    tables: tuple[str, ...]
    sql: str


LAWS: tuple[Law, ...] = (
    Law(
        "total_segments",
        "every account has exactly one segment today in every scheme that is in force",
        ("dim_accounts", "dim_segments", "fct_segment_assignments"),
        """
        with schemes as (select distinct segment_scheme from dim_segments),
        open_intervals as (
            select account_id, segment_scheme, count(*) as intervals from fct_segment_assignments
            where valid_to is null group by account_id, segment_scheme
        )
        select dim_accounts.account_id, schemes.segment_scheme
        from dim_accounts
        cross join schemes
        left join open_intervals
            on dim_accounts.account_id = open_intervals.account_id
            and schemes.segment_scheme = open_intervals.segment_scheme
        where coalesce(open_intervals.intervals, 0) <> 1
        """,
    ),
    # A gap that nobody's interval of the scheme reaches into is the scheme's own: policy had ended it.
    Law(
        "total_segment_history",
        "the segment intervals of an account neither overlap nor gap while the scheme is in force, and none is empty",
        ("fct_segment_assignments",),
        """
        with followed as (
            select
                account_id, segment_scheme, valid_from, valid_to,
                lead(valid_from) over (partition by account_id, segment_scheme order by valid_from) as next_from
            from fct_segment_assignments
        ),
        gaps as (
            select distinct segment_scheme, valid_to as gap_from, next_from as gap_to from followed
            where valid_to < next_from
        ),
        spans as (select distinct segment_scheme, valid_from, valid_to from fct_segment_assignments),
        own_gaps as (
            select distinct gaps.segment_scheme, gaps.gap_from, gaps.gap_to
            from gaps
            inner join spans
                on gaps.segment_scheme = spans.segment_scheme
                and spans.valid_from < gaps.gap_to
                and (spans.valid_to is null or gaps.gap_from < spans.valid_to)
        )
        select followed.account_id, followed.segment_scheme, followed.valid_from
        from followed
        left join own_gaps
            on followed.segment_scheme = own_gaps.segment_scheme
            and followed.valid_to = own_gaps.gap_from
            and followed.next_from = own_gaps.gap_to
        where
            followed.valid_to <= followed.valid_from
            or followed.next_from < followed.valid_to
            or (followed.valid_to is null and followed.next_from is not null)
            or own_gaps.gap_from is not null
        """,
    ),
    Law(
        "total_stages",
        "every account has exactly one open stage today",
        ("dim_accounts", "fct_journey_stages"),
        """
        with open_visits as (
            select account_id, count(*) as visits from fct_journey_stages where exited_on is null group by account_id
        )
        select dim_accounts.account_id from dim_accounts
        left join open_visits on dim_accounts.account_id = open_visits.account_id
        where coalesce(open_visits.visits, 0) <> 1
        """,
    ),
    Law(
        "total_stage_history",
        "the stage visits of an account follow one another without overlap or gap",
        ("fct_journey_stages",),
        """
        select account_id, entered_on from (
            select
                account_id, entered_on, exited_on,
                lead(entered_on) over (partition by account_id order by entered_on, visit) as next_entered_on
            from fct_journey_stages
        ) as visits
        where exited_on < entered_on or (next_entered_on is not null and (exited_on is null or exited_on <>
        next_entered_on))
        """,
    ),
    Law(
        "total_scores",
        "every account has exactly one score status today",
        ("dim_accounts", "fct_health_scores"),
        """
        with current_scores as (
            select account_id, count(*) as scores from fct_health_scores where is_current group by account_id
        )
        select dim_accounts.account_id from dim_accounts
        left join current_scores on dim_accounts.account_id = current_scores.account_id
        where coalesce(current_scores.scores, 0) <> 1
        """,
    ),
    Law(
        "total_snapshots",
        "every snapshot of an account lies in one segment interval of each scheme in force, and in one stage visit",
        ("fct_health_scores", "fct_segment_assignments", "fct_journey_stages"),
        """
        with segments as (
            select scores.account_id, scores.snapshot_date, count(*) as found
            from fct_health_scores as scores
            inner join fct_segment_assignments as intervals
                on scores.account_id = intervals.account_id
                and intervals.valid_from <= scores.snapshot_date
                and (intervals.valid_to is null or scores.snapshot_date < intervals.valid_to)
            group by scores.account_id, scores.snapshot_date
        ),
        stages as (
            select scores.account_id, scores.snapshot_date, count(*) as found
            from fct_health_scores as scores
            inner join fct_journey_stages as visits
                on scores.account_id = visits.account_id
                and visits.entered_on <= scores.snapshot_date
                and (visits.exited_on is null or scores.snapshot_date < visits.exited_on)
            group by scores.account_id, scores.snapshot_date
        ),
        days as (select distinct snapshot_date from fct_health_scores),
        spans as (select distinct segment_scheme, valid_from, valid_to from fct_segment_assignments),
        schemes as (
            select days.snapshot_date, count(distinct spans.segment_scheme) as expected
            from days
            inner join spans
                on spans.valid_from <= days.snapshot_date
                and (spans.valid_to is null or days.snapshot_date < spans.valid_to)
            group by days.snapshot_date
        )
        select scores.account_id, scores.snapshot_date
        from fct_health_scores as scores
        left join schemes on scores.snapshot_date = schemes.snapshot_date
        left join segments on scores.account_id = segments.account_id and scores.snapshot_date = segments.snapshot_date
        left join stages on scores.account_id = stages.account_id and scores.snapshot_date = stages.snapshot_date
        where coalesce(segments.found, 0) <> coalesce(schemes.expected, 1) or coalesce(stages.found, 0) <> 1
        """,
    ),
    Law(
        "answers_carry_reasons",
        "every segment, stage and missing score says why",
        ("fct_segment_assignments", "fct_journey_stages", "fct_health_scores"),
        """
        select account_id, valid_from from fct_segment_assignments where reason is null
        union all
        select account_id, entered_on from fct_journey_stages where reason is null
        union all
        select account_id, snapshot_date from fct_health_scores where score_status <> 'scored' and reason is null
        """,
    ),
    Law(
        "bands_are_total",
        "a score has a band, and only a score has one",
        ("fct_health_scores",),
        """
        select account_id, snapshot_date from fct_health_scores
        where (health_score is null) <> (health_band is null) or (health_score is null) <> (score_status <> 'scored')
        """,
    ),
    Law(
        "additive_scores",
        "the contributions of components and hard rules sum to the computed score, exactly",
        ("fct_health_scores", "fct_health_score_components"),
        """
        with parts as (
            select account_id, snapshot_date, sum(contribution) as total
            from fct_health_score_components group by account_id, snapshot_date
        )
        select scores.account_id, scores.snapshot_date
        from fct_health_scores as scores
        left join parts on scores.account_id = parts.account_id and scores.snapshot_date = parts.snapshot_date
        where scores.computed_score is not null and (parts.total is null or parts.total <> scores.computed_score)
        """,
    ),
    Law(
        "additive_changes",
        "all parts of the changes of an account sum to its score of today, exactly; not scored counts as 0",
        ("fct_health_scores", "fct_health_score_changes"),
        """
        with parts as (
            select account_id, sum(change_part) as total from fct_health_score_changes group by account_id
        )
        select scores.account_id, scores.snapshot_date
        from fct_health_scores as scores
        left join parts on scores.account_id = parts.account_id
        where scores.is_current and coalesce(scores.health_score, 0) <> coalesce(parts.total, 0)
        """,
    ),
    Law(
        "additive_weights",
        "the weights of the scored components sum to one",
        ("fct_health_scores", "fct_health_score_components"),
        """
        select components.account_id, components.snapshot_date
        from fct_health_score_components as components
        inner join fct_health_scores as scores
            on components.account_id = scores.account_id and components.snapshot_date = scores.snapshot_date
        where scores.computed_score is not null and components.status = 'scored'
        group by components.account_id, components.snapshot_date
        having abs(sum(components.weight) - 1) > 0.000001
        """,
    ),
    Law(
        "additive_movements",
        "opening MRR and movement give closing MRR, and all movements of an account up to a month give its MRR then",
        ("fct_mrr_movements",),
        """
        select account_id, month from (
            select
                account_id, month, opening_mrr, mrr, closing_mrr,
                sum(mrr) over (
                    partition by account_id order by month, case when movement = 'transfer' then 0 else 1 end
                    rows between unbounded preceding and current row
                ) as total
            from fct_mrr_movements
        ) as movements
        where opening_mrr + mrr <> closing_mrr or total <> closing_mrr
        """,
    ),
    Law(
        "additive_mrr",
        "in every month the movements up to it sum to the MRR of the matched accounts, to the last digit",
        ("fct_mrr_movements", "fct_account_mrr"),
        """
        with months as (select distinct month from fct_account_mrr),
        stock as (
            select month, sum(mrr) as mrr from fct_account_mrr where match_status = 'matched' group by month
        ),
        flow as (
            select months.month, sum(fct_mrr_movements.mrr) as mrr
            from months inner join fct_mrr_movements on fct_mrr_movements.month <= months.month
            group by months.month
        )
        select months.month from months
        left join stock on months.month = stock.month
        left join flow on months.month = flow.month
        where coalesce(stock.mrr, 0) <> coalesce(flow.mrr, 0)
        """,
    ),
    Law(
        "additive_retention",
        "opening MRR and movements give closing MRR in every segment, segments sum to all accounts, and all to all MRR",
        ("fct_revenue_retention", "fct_account_mrr"),
        """
        with sums as (
            select month, segment_scheme, sum(closing_mrr) as mrr from fct_revenue_retention
            group by month, segment_scheme
        ),
        accounts as (
            select month, closing_mrr as mrr from fct_revenue_retention
            where segment_scheme = 'total' and segment = 'all_accounts'
        ),
        stock as (select month, sum(mrr) as mrr from fct_account_mrr group by month)
        select month, segment from fct_revenue_retention
        where opening_mrr + new_mrr + reactivation_mrr + expansion_mrr + contraction_mrr + churn_mrr + transferred_mrr
            <> closing_mrr
        union all
        select sums.month, sums.segment_scheme from sums left join accounts on sums.month = accounts.month
        where sums.segment_scheme <> 'total' and sums.mrr <> coalesce(accounts.mrr, 0)
        union all
        select stock.month, 'total' from stock
        left join sums on stock.month = sums.month and sums.segment_scheme = 'total'
        where stock.mrr <> coalesce(sums.mrr, 0)
        """,
    ),
    Law(
        "additive_portfolios",
        "every customer is in one portfolio, with its MRR",
        ("fct_csm_portfolios", "dim_accounts"),
        """
        with customers as (
            select count(*) as accounts, coalesce(sum(mrr), 0) as mrr from dim_accounts where is_customer
        ),
        portfolios as (
            select coalesce(sum(accounts), 0) as accounts, coalesce(sum(mrr), 0) as mrr from fct_csm_portfolios
        )
        select customers.accounts, portfolios.accounts from customers cross join portfolios
        where customers.accounts <> portfolios.accounts or customers.mrr <> portfolios.mrr
        """,
    ),
    Law(
        "additive_economics",
        "the revenue of the segments is that of all accounts, and the margin is revenue less cost",
        ("fct_segment_economics", "fct_account_mrr"),
        """
        with sums as (select month, sum(revenue) as revenue from fct_segment_economics group by month),
        stock as (select month, sum(mrr) as mrr from fct_account_mrr where account_id is not null group by month)
        select sums.month, 'revenue' from sums left join stock on sums.month = stock.month
        where sums.revenue <> coalesce(stock.mrr, 0)
        union all
        select month, segment from fct_segment_economics where revenue - cost_to_serve <> margin
        """,
    ),
    Law(
        "additive_account_economics",
        "the accounts of a segment add up to its customers, revenue, cost, activities and tickets",
        ("fct_account_economics", "fct_segment_economics"),
        """
        with sums as (
            select month, segment, sum(case when is_customer then 1 else 0 end) as customers, sum(revenue) as revenue,
                sum(cost_to_serve) as cost_to_serve, sum(activities) as activities, sum(tickets) as tickets
            from fct_account_economics group by month, segment
        )
        select coalesce(stock.month, sums.month), coalesce(stock.segment, sums.segment)
        from fct_segment_economics as stock
        full outer join sums on stock.month = sums.month and stock.segment = sums.segment
        where sums.month is null or stock.month is null or stock.customers <> sums.customers
            or stock.revenue <> sums.revenue or stock.cost_to_serve <> sums.cost_to_serve
            or stock.activities <> sums.activities or stock.tickets <> sums.tickets
        """,
    ),
    Law(
        "nothing_lost_money",
        "the MRR of unmatched billing customers is the same in the matches and in the monthly MRR",
        ("fct_account_matches", "fct_account_mrr"),
        """
        with stake as (
            select coalesce(sum(mrr_at_stake), 0) as mrr from fct_account_matches where match_status = 'unmatched'
        ),
        monthly as (
            select coalesce(sum(mrr), 0) as mrr from fct_account_mrr
            where match_status = 'unmatched' and observed_on = date {as_of}
        )
        select stake.mrr, monthly.mrr from stake cross join monthly where stake.mrr <> monthly.mrr
        """,
    ),
    Law(
        "nothing_lost_rows",
        "every rejected row has a reason that is described",
        ("fct_rejected_rows",),
        "select rejected_row_id from fct_rejected_rows where reason is null or description is null or remedy is null",
    ),
    Law(
        "no_peeking",
        "nothing public is dated after the as-of date",
        ("fct_segment_assignments", "fct_journey_stages", "fct_health_scores", "fct_mrr_movements"),
        """
        select account_id, valid_from from fct_segment_assignments where valid_from > date {as_of} or valid_to > date
        {as_of} union all
        select account_id, entered_on from fct_journey_stages where entered_on > date {as_of} or exited_on > date
        {as_of} union all
        select account_id, snapshot_date from fct_health_scores where snapshot_date > date {as_of}
        union all
        select account_id, month from fct_mrr_movements where month > date {as_of}
        """,
    ),
    Law(
        "same_answer_twice",
        "segment, stage, score and band in dim_accounts are those of their own tables",
        ("dim_accounts", "fct_segment_assignments", "fct_journey_stages", "fct_health_scores"),
        """
        select dim_accounts.account_id
        from dim_accounts
        left join fct_segment_assignments as segments
            on dim_accounts.account_id = segments.account_id
            and segments.segment_scheme = 'touch_model' and segments.valid_to is null
        left join fct_journey_stages as stages
            on dim_accounts.account_id = stages.account_id and stages.exited_on is null
        left join fct_health_scores as scores
            on dim_accounts.account_id = scores.account_id and scores.is_current
        where
            dim_accounts.segment is distinct from segments.segment
            or dim_accounts.stage is distinct from stages.stage
            or dim_accounts.health_score is distinct from scores.health_score
            or dim_accounts.health_band is distinct from scores.health_band
        """,
    ),
)


# Judged when asked for: whether the score still tells who churns. An abstention breaks nothing.
GATES: tuple[Law, ...] = (
    Law(
        "worst_band_churns",
        "the worst health band churns as many times as often as all as parameter validation_gate_lift asks",
        ("fct_health_validation",),
        """
        select subject, gate_lift from fct_health_validation
        where subject = 'health_score' and cohort = 'all' and segment = 'all' and band_kind = 'all' and gate = 'failed'
        """,
    ),
)


@dataclass(frozen=True)
class AuditResult:
    """What the audit found. laws: how many were tested; skipped: laws whose tables this project does not have."""

    findings: tuple[Finding, ...]
    tables: int
    laws: int
    skipped: tuple[str, ...]
    results: Path

    @property
    def failed(self) -> bool:
        return any(item.severity == "error" for item in self.findings)


def audit(project: Project, source: AuditSource | None = None, gate: bool = False) -> AuditResult:
    """Audits the public tables where they were built and leaves the results under reports/audit.

    source: the build; None for the build file. gate: judge by GATES too. The caller holds the build lock. Raises
    BuildError when there is no build to audit, StrataError when the results cannot be written.
    """
    if source is None:
        with duckdb_source(project) as build_file:
            return audit(project, build_file, gate)
    manifest = read_manifest(project)
    tables = public_tables(manifest)
    findings: list[Finding] = []
    columns = {table.name: source.columns(table) for table in tables}
    absent = [table.name for table in tables if not columns[table.name]]
    if absent:
        raise BuildError(f"{absent[0]} is not in {source.place}", "run `strata build` first")
    laws, skipped = _judge_laws(source, project, tables, findings, (*LAWS, *(GATES if gate else ())))
    expectations = _judge_tables(source, tables, columns, may_be_empty(project), findings)
    findings = without_what_nobody_has(findings, project.as_of)
    results = project.reports_dir / "audit" / f"{manifest['metadata'].get('invocation_id') or 'latest'}.json"
    content = {
        "failed": bool(findings),
        "as_of": project.as_of.isoformat(),
        "findings": [asdict(item) for item in findings],
        "laws": laws,
        "laws_without_tables": skipped,
        "tables": expectations,
    }
    with writing(results, "let the folder reports of the project be writable", StrataError):
        results.parent.mkdir(parents=True, exist_ok=True)
        results.write_text(json.dumps(content, indent=2, default=str), encoding="utf-8")
    return AuditResult(tuple(findings), len(tables), len(laws), tuple(skipped), results)


def may_be_empty(project: Project) -> frozenset[str]:
    """The public tables that may well have no row, by what the systems that are switched on fill."""
    systems = project.variables.get("systems") or {}
    filled = {name for offer in systems.values() for name in offer.get("canonical") or []}
    unmade = {table for table, groups in MADE_OF.items() if not any(filled.issuperset(group) for group in groups)}
    return frozenset(MAY_BE_EMPTY) | unmade


def without_what_nobody_has(findings: Sequence[Finding], as_of: date) -> list[Finding]:
    """The findings; where there is no account yet, that alone instead of every table that is empty for it."""
    empty = [item for item in findings if item.message == NO_ROW]
    if not any(item.file == Path("dim_accounts") for item in empty):
        return list(findings)
    said = f"no account had come to be by {as_of}"
    remedy = "give a later as-of date, or see created_at of the accounts and why rows are in fct_rejected_rows"
    nobody = Finding("error", Path("dim_accounts"), None, None, said, remedy)
    return [nobody, *(item for item in findings if item.message != NO_ROW)]


def _judge_laws(
    source: AuditSource,
    project: Project,
    tables: Sequence[PublicTable],
    findings: list[Finding],
    asked: Sequence[Law],
) -> tuple[list[dict[str, Any]], list[str]]:
    """Tests every law whose tables exist, by the names that readers will see."""
    source.name_tables(tables)
    there = {table.name for table in tables}
    judged: list[dict[str, Any]] = []
    skipped: list[str] = []
    for law in asked:
        if not there.issuperset(law.tables):
            skipped.append(law.name)
            continue
        sql = law.sql.replace("{as_of}", literal(project.as_of.isoformat()))
        broken = int(source.rows(f"select count(*) from ({sql}) as broken")[0][0])
        judged.append({"law": law.name, "statement": law.statement, "broken_rows": broken})
        if broken:
            example = source.rows(f"select * from ({sql}) as broken order by 1 limit 1")[0]
            findings.append(
                Finding(
                    "error",
                    Path(law.tables[0]),
                    None,
                    None,
                    f"law {law.name} is broken by {broken:,} rows: {law.statement}",
                    f"start with {', '.join(str(value) for value in example)}; the query is in strata/audit.py",
                )
            )
    return judged, skipped


def _judge_tables(
    source: AuditSource,
    tables: Sequence[PublicTable],
    columns: Mapping[str, Sequence[str]],
    empty: Collection[str],
    findings: list[Finding],
) -> list[dict[str, Any]]:
    judged: list[dict[str, Any]] = []
    with source.session() as session:
        for table in tables:
            for outcome in session.validate(table.identifier, _expectations(table, columns[table.name], empty)):
                meta = outcome.expected.meta
                judged.append({"table": table.name, **meta, "success": outcome.success, "observed": outcome.observed})
                if not outcome.success:
                    findings.append(
                        Finding("error", Path(table.name), None, meta["column"], str(meta["says"]), str(meta["remedy"]))
                    )
    return judged


def _expectations(table: PublicTable, columns: Sequence[str], empty: Collection[str]) -> list[Expected]:
    def expected(kind: str, says: str, remedy: str, **arguments: Any) -> Expected:
        return Expected(kind, arguments, meta={"column": arguments.get("column"), "says": says, "remedy": remedy})

    result: list[Expected] = []
    if table.name not in empty:
        result.append(
            expected("ExpectTableRowCountToBeBetween", NO_ROW, "see fct_rejected_rows and the raw gate", min_value=1)
        )
    if table.grain:
        key = ", ".join(quoted(name) for name in table.grain)
        missing = " or ".join(f"{quoted(name)} is null" for name in table.grain)
        result.append(
            expected(
                "UnexpectedRowsExpectation",
                f"has rows that share their key ({', '.join(table.grain)}) or lack it",
                "run `dbt test` on the model; its sound_rows test names the rows",
                unexpected_rows_query=f"select {key}, count(*) as row_count from {{batch}} group by {key}"
                f" having count(*) > 1 or bool_or({missing})",
            )
        )
    for column in columns:
        lower, upper = RANGES.get(column, (None, None))
        if lower is None and upper is None:
            continue
        # By value, not by extreme: a column without a value, as in a company without customers, leaves no range.
        scale = " to ".join("any" if bound is None else f"{bound:g}" for bound in (lower, upper))
        says, remedy = f"`{column}` leaves its scale, {scale}", "correct the model that computes it"
        result.append(
            expected("ExpectColumnValuesToBeBetween", says, remedy, column=column, min_value=lower, max_value=upper)
        )
    return result
