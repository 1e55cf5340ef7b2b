"""What another policy would change, before it is adopted: on the features of the last build, beside what it says today.

Works on a copy of the build file, with the seeds of another folder in a project that is otherwise this one. Nothing
that a build or a reader uses is touched.
"""

import csv
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from strata.build import policy_findings
from strata.console import say, step
from strata.dbt_runner import read_manifest, run_dbt
from strata.engines import read_target
from strata.errors import Finding, InputError, LockedError, StrataError, writing
from strata.last_build import day_of_build_file, on_its_day
from strata.lock import build_lock, folder_lock
from strata.project import Project
from strata.publish import STORAGE_VERSION, PublicTable, public_tables
from strata.sql import literal, quoted

RESULT_FILE = "simulation.duckdb"
REPORT_FILE = "report.md"
_SCRATCH = "strata-simulate-"

# What a policy decides. Everything before it is taken as it was built.
DECIDED = ("path:models/policy", "path:models/marts")
NOT_DECIDED = ("path:models/marts/quality/fct_rejected_rows.sql",)
BEFORE_POLICY = ("models/staging", "models/canonical", "models/features")
# These read every seed, to see whether it changed.
WATCHING = "models/features/increments"

# What a daily run narrows to the rows that it works out again, and what it keeps of all (macros/increments.sql).
ALL_SNAPSHOTS = ("int_rebuilds", "int_account_snapshots")
NARROWED, KEPT = "int_account_features", "account_features"

# Accounts named in the report, and of each answer; all of them are in the tables `moves` and `changes`.
SHOWN_MOVES = 20
ANSWERS = ("health_band", "stage")


@dataclass(frozen=True)
class Flow:
    """Accounts that go from one segment to another, and the MRR that goes with them."""

    segment_scheme: str
    from_segment: str
    to_segment: str
    accounts: int
    mrr: float


@dataclass(frozen=True)
class Change:
    """Accounts whose answer goes from one word to another, and their MRR. answer: health_band or stage."""

    answer: str
    from_answer: str
    to_answer: str
    accounts: int
    mrr: float


@dataclass(frozen=True)
class ChangedAccount:
    """An account whose band of health or stage changes. health_score: under both policies, None where not scored."""

    answer: str
    account_id: str
    from_answer: str
    to_answer: str
    mrr: float
    health_score: tuple[float | None, float | None]


@dataclass(frozen=True)
class Scheme:
    """A scheme under today's policy and under the other one.

    segments: how many it has. flips_a_year: changes of rank per account and year of the history. csms: managers that
    its accounts need, by accounts_per_csm.
    """

    segment_scheme: str
    segments: tuple[int, int]
    flips_a_year: tuple[float | None, float | None]
    csms: tuple[float, float]


@dataclass(frozen=True)
class Portfolio:
    """What a manager owes under today's policy and under the other one; no_csm: customers that have none.

    hours_owed, capacity_hours: over the weeks of parameter capacity_weeks; capacity None where there is nobody.
    segments: segments of the touch model that the manager has to serve at once. mrr, and mrr_at_risk of it in
    accounts_at_risk: reporting currency.
    """

    csm_user_id: str
    accounts: tuple[int, int]
    hours_owed: tuple[float, float]
    capacity_hours: tuple[float | None, float | None]
    segments: tuple[int, int]
    mrr: tuple[float, float]
    accounts_at_risk: tuple[int, int]
    mrr_at_risk: tuple[float, float]


@dataclass(frozen=True)
class Simulation:
    """What the other policy changes on the day of the last build.

    flows: who moves, the largest MRR first. portfolios: hours owed against capacity, by manager. accounts, mrr: all
    that move in any scheme, each once. moves: the accounts, as the report shows them. changes, changed_accounts: the
    same of bands of health and stages. not_simulated: seeds that differ and decide before the features. result, report:
    files.
    """

    as_of: date
    flows: tuple[Flow, ...]
    schemes: tuple[Scheme, ...]
    portfolios: tuple[Portfolio, ...]
    accounts: int
    mrr: float
    moves: tuple[tuple[Any, ...], ...]
    changes: tuple[Change, ...]
    changed_accounts: tuple[ChangedAccount, ...]
    not_simulated: tuple[str, ...]
    result: Path
    report: Path


def simulate(project: Project, policy_dir: Path, out: Path | None = None, as_of: str | None = None) -> Simulation:
    """Applies the policy of a folder to the features of the last build, on the day of that build, and compares.

    out: folder of the results; else reports/simulate. as_of: the day that a person gave. Raises InputError when the
    build is for another day or not there, the policy is refused, or nobody may write there, BuildError when the models
    cannot be built with it.
    """
    if read_target(project).kind != "duckdb":
        raise InputError("a policy is simulated on the build file of DuckDB", "leave --target out")
    with ExitStack() as stack:
        # One lock over both: the day that was read is that of the build that is copied.
        with build_lock(project.warehouse):
            built = project.build_db.is_file()
            if built:
                project = on_its_day(project, day_of_build_file(project), as_of)
            _stop_at_errors(policy_findings(project, policy_dir, "--policy"))
            out = out or project.reports_dir / "simulate"
            with writing(project.shown(out), "name another folder with --out"):
                out.mkdir(parents=True, exist_ok=True)
                _clean_up(out)
                place = tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=out)
            folder = Path(stack.enter_context(place))
            stack.enter_context(folder_lock(folder, "another simulation is at work there"))
            if not built:
                raise InputError(f"no build in {project.shown(project.build_db)}", "run `strata build` first")
            stack.enter_context(_room(project, out))
            scratch = _scratch(project, policy_dir, folder)
            with step("copy the build"):
                shutil.copyfile(project.build_db, scratch.build_db)
        _keep_today(scratch)
        with step("apply the policy"):
            # With no test: they stand on all models, and the policy has been checked.
            left_out = [word for kind in ("unit_test", "test") for word in ("--exclude-resource-type", kind)]
            first = ["--full-refresh", *left_out, "--select", "path:seeds/policy", *ALL_SNAPSHOTS]
            run_dbt(scratch, ["build", *first], "seeds")
            _all_features(scratch)
            flags = ["--full-refresh", "--select", *DECIDED, "--exclude", *NOT_DECIDED]
            run_dbt(scratch, ["run", *flags], "models")
        with step("compare"):
            manifest = read_manifest(scratch)
            result = _kept(scratch, public_tables(manifest), out / RESULT_FILE)
            found = _compared(project, result, out / REPORT_FILE, _not_simulated(project, policy_dir, manifest))
    with writing(project.shown(found.report), "name another folder with --out"):
        found.report.write_text(report(found), encoding="utf-8")
    return found


def _stop_at_errors(findings: Sequence[Finding]) -> None:
    errors = [item for item in findings if item.severity == "error"]
    if errors:
        raise InputError(f"the policy cannot be used: {len(errors)} findings; nothing was simulated", "", errors)


def _clean_up(out: Path) -> None:
    """Removes the copies of simulations that were killed: those whose lock ended with their process."""
    for left in sorted(out.glob(f"{_SCRATCH}*")):
        with suppress(LockedError), folder_lock(left, ""):
            shutil.rmtree(left)
            say(f"  removed {left.name}, left by a simulation that was stopped")


@contextmanager
def _room(project: Project, out: Path) -> Iterator[None]:
    """Around what fills the disk: a copy of the build, and the tables under both policies."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise StrataError(
            f"the simulation in {project.shown(out)} broke off: {reason}",
            "see that there is room for a second build file, or name another folder with --out",
        ) from error


def _scratch(project: Project, policy_dir: Path, place: Path) -> Project:
    """This project with the other seeds: links to its folders, copies of the seeds."""
    root = place / "project"
    policy = root / "seeds" / "policy"
    root.mkdir()
    for name in ("dbt_project.yml", "profiles.yml", ".dbtignore", "models", "macros", "tests"):
        if (project.root / name).exists():
            (root / name).symlink_to(project.root / name)
    # dbt follows a link to a folder of its own, and none further in.
    shutil.copytree(project.root / "seeds", root / "seeds")
    for path in policy.glob("*.csv"):
        path.unlink()
    for path in policy_dir.glob("*.csv"):
        shutil.copyfile(path, policy / path.name)
    overrides = {**project.overrides, "raw_dir": str(project.raw_dir)}
    return replace(project, root=root, warehouse=place, overrides=MappingProxyType(overrides))


def _keep_today(scratch: Project) -> None:
    """In the copy of the build today's public tables once more, in the schema `before`."""
    with duckdb.connect(str(scratch.build_db)) as connection:
        connection.execute("create schema before")
        rows = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'main' and table_type = 'BASE TABLE'"
        ).fetchall()
        for (name,) in rows:
            connection.execute(f"create table before.{quoted(name)} as from main.{quoted(name)}")


def _all_features(scratch: Project) -> None:
    """The features of the whole history where the models of the policy read those of the last run."""
    nodes = read_manifest(scratch)["nodes"].values()
    models = {node["name"]: node for node in nodes if node["resource_type"] == "model"}
    narrowed, kept = (f"{quoted(models[name]['schema'])}.{quoted(models[name]['alias'])}" for name in (NARROWED, KEPT))
    with duckdb.connect(str(scratch.build_db)) as connection:
        connection.execute(f"create or replace table {narrowed} as from {kept}")


def _kept(scratch: Project, tables: Sequence[PublicTable], path: Path) -> Path:
    """The public tables under both policies in a file of their own: schemas `main` (the other one) and `before`."""
    path.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(path))} as kept (storage_version '{STORAGE_VERSION}')")
        connection.execute(f"attach {literal(str(scratch.build_db))} as build (read_only)")
        connection.execute("create schema kept.before")
        for table in tables:
            name, place = quoted(table.name), f"{quoted(table.schema)}.{quoted(table.identifier)}"
            connection.execute(f"create table kept.main.{name} as from build.{place}")
            connection.execute(f"create table kept.before.{name} as from build.before.{name}")
    return path


def _not_simulated(project: Project, policy_dir: Path, manifest: Any) -> tuple[str, ...]:
    """Seeds that differ and that something before the features reads."""
    early = {
        parent
        for node in manifest["nodes"].values()
        if str(node["original_file_path"]).startswith(BEFORE_POLICY)
        and not str(node["original_file_path"]).startswith(WATCHING)
        for parent in node.get("depends_on", {}).get("nodes", [])
    }
    names = sorted(
        node["name"] for node in manifest["nodes"].values()
        if node["resource_type"] == "seed" and node["unique_id"] in early
    )  # fmt: skip
    pairs = [(name, project.policy_dir / f"{name}.csv", policy_dir / f"{name}.csv") for name in names]
    return tuple(name for name, ours, other in pairs if ours.is_file() and _rows(ours) != _rows(other))


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


_MOVES = """
create table moves as
select
    coalesce(today.segment_scheme, other.segment_scheme) as segment_scheme,
    coalesce(today.account_id, other.account_id) as account_id,
    coalesce(today.segment, 'no_segment') as from_segment,
    coalesce(other.segment, 'no_segment') as to_segment,
    accounts.mrr,
    other.reason,
    other.values_seen
from (select * from before.fct_segment_assignments where valid_to is null) as today
full outer join (select * from main.fct_segment_assignments where valid_to is null) as other
    on today.account_id = other.account_id and today.segment_scheme = other.segment_scheme
left join before.dim_accounts as accounts
    on coalesce(today.account_id, other.account_id) = accounts.account_id
where today.segment is distinct from other.segment
"""

_FLOWS = """
select segment_scheme, from_segment, to_segment, count(*) as accounts, coalesce(sum(mrr), 0) as mrr
from moves group by all order by mrr desc, accounts desc, segment_scheme, from_segment, to_segment
"""

# Bands and stages of the same day. An account that is not scored has no band.
_CHANGES = """
create table changes as
with sides as (
    select
        coalesce(today.account_id, other.account_id) as account_id,
        coalesce(today.mrr, other.mrr, 0) as mrr,
        today.health_score as from_score,
        other.health_score as to_score,
        coalesce(today.health_band, 'not_scored') as from_band,
        coalesce(other.health_band, 'not_scored') as to_band,
        coalesce(today.stage, 'no_stage') as from_stage,
        coalesce(other.stage, 'no_stage') as to_stage
    from before.dim_accounts as today
    full outer join main.dim_accounts as other on today.account_id = other.account_id
)

select 'health_band' as answer, account_id, from_band as from_answer, to_band as to_answer, mrr, from_score, to_score
from sides where from_band <> to_band
union all
select 'stage', account_id, from_stage, to_stage, mrr, from_score, to_score
from sides where from_stage <> to_stage
"""

_CHANGE_FLOWS = """
select answer, from_answer, to_answer, count(*) as accounts, sum(mrr) as mrr
from changes group by all order by answer, mrr desc, accounts desc, from_answer, to_answer
"""

_FLIPS = """
with ranked as (
    select intervals.*, segments.segment_rank
    from {schema}.fct_segment_assignments as intervals
    left join {schema}.dim_segments as segments
        on intervals.segment_scheme = segments.segment_scheme and intervals.segment = segments.segment
),

compared as (
    select *, lag(segment_rank) over (partition by account_id, segment_scheme order by valid_from) as rank_before
    from ranked
)

select
    segment_scheme,
    count(*) filter (where segment_rank <> rank_before) * 365.25
    / nullif(sum(case when segment_rank is not null then coalesce(valid_to, date {as_of}) - valid_from end), 0)
from compared group by segment_scheme
"""

_PORTFOLIOS = """
select
    coalesce(today.csm_user_id, other.csm_user_id), coalesce(today.accounts, 0), coalesce(other.accounts, 0),
    coalesce(today.hours_owed, 0), coalesce(other.hours_owed, 0), today.capacity_hours, other.capacity_hours,
    coalesce(today.segments_juggled, 0), coalesce(other.segments_juggled, 0), coalesce(today.mrr, 0),
    coalesce(other.mrr, 0), coalesce(today.accounts_at_risk, 0), coalesce(other.accounts_at_risk, 0),
    coalesce(today.mrr_at_risk, 0), coalesce(other.mrr_at_risk, 0)
from before.fct_csm_portfolios as today
full outer join main.fct_csm_portfolios as other on today.csm_user_id = other.csm_user_id
order by 1
"""

_STAFF = """
select segments.segment_scheme, count(distinct segments.segment), coalesce(sum(1.0 / segments.accounts_per_csm)
    filter (where assignments.account_id is not null), 0)
from {schema}.dim_segments as segments
left join {schema}.fct_segment_assignments as assignments
    on
        segments.segment_scheme = assignments.segment_scheme
        and segments.segment = assignments.segment
        and assignments.valid_to is null
group by segments.segment_scheme
"""


def _compared(project: Project, result: Path, report_file: Path, not_simulated: tuple[str, ...]) -> Simulation:
    as_of = literal(project.as_of.isoformat())
    with duckdb.connect(str(result)) as connection:
        connection.execute(_MOVES)
        rows = connection.execute(_FLOWS).fetchall()
        flows = tuple(Flow(row[0], row[1], row[2], int(row[3]), float(row[4])) for row in rows)
        flips, staff = (
            {schema: {row[0]: row[1:] for row in connection.execute(sql.format(schema=schema, as_of=as_of)).fetchall()}
             for schema in ("before", "main")}
            for sql in (_FLIPS, _STAFF)
        )  # fmt: skip
        portfolios = tuple(
            Portfolio(row[0], (row[1], row[2]), (_tenths(row[3]), _tenths(row[4])), (_known(row[5]), _known(row[6])),
                      (row[7], row[8]), (float(row[9]), float(row[10])), (row[11], row[12]),
                      (float(row[13]), float(row[14])))
            for row in connection.execute(_PORTFOLIOS).fetchall()
        )  # fmt: skip
        accounts, mrr = connection.execute(
            "select count(*), coalesce(sum(mrr), 0) from (select distinct account_id, mrr from moves)"
        ).fetchall()[0]
        moves = connection.execute(
            "select segment_scheme, account_id, from_segment, to_segment, mrr, reason, values_seen from moves"
            f" order by mrr desc nulls last, segment_scheme, account_id limit {SHOWN_MOVES}"
        ).fetchall()
        connection.execute(_CHANGES)
        rows = connection.execute(_CHANGE_FLOWS).fetchall()
        changes = tuple(Change(row[0], row[1], row[2], int(row[3]), float(row[4])) for row in rows)
        rows = connection.execute(
            "select answer, account_id, from_answer, to_answer, mrr, from_score, to_score from changes"
            f" qualify row_number() over (partition by answer order by mrr desc, account_id) <= {SHOWN_MOVES}"
            " order by answer, mrr desc, account_id"
        ).fetchall()
        changed = tuple(
            ChangedAccount(row[0], row[1], row[2], row[3], float(row[4]), (_rounded(row[5]), _rounded(row[6])))
            for row in rows
        )
    schemes = []
    for name in sorted({*staff["before"], *staff["main"]}):
        sides = [staff[schema].get(name, (0, 0)) for schema in ("before", "main")]
        rates = [flips[schema].get(name, (None,))[0] for schema in ("before", "main")]
        schemes.append(
            Scheme(
                name,
                segments=(int(sides[0][0]), int(sides[1][0])),
                flips_a_year=(_rounded(rates[0]), _rounded(rates[1])),
                csms=(round(float(sides[0][1]), 1), round(float(sides[1][1]), 1)),
            )
        )
    return Simulation(
        as_of=project.as_of,
        flows=flows,
        schemes=tuple(schemes),
        portfolios=portfolios,
        accounts=int(accounts),
        mrr=float(mrr),
        moves=tuple(moves),
        changes=changes,
        changed_accounts=changed,
        not_simulated=not_simulated,
        result=result,
        report=report_file,
    )


def _tenths(hours: Any) -> float:
    return round(float(hours), 1)


def _known(hours: Any) -> float | None:
    return None if hours is None else _tenths(hours)


def _capacity(portfolios: Sequence[Portfolio]) -> list[str]:
    """Hours owed against capacity: all managers together, customers without one, and each manager."""
    managers = [one for one in portfolios if one.capacity_hours != (None, None)]
    sides = (0, 1)
    owed = [sum(one.hours_owed[side] for one in managers) for side in sides]
    alone = [sum(one.hours_owed[side] for one in portfolios if one not in managers) for side in sides]
    room = [sum(one.capacity_hours[side] or 0 for one in managers) for side in sides]
    over = [sum(one.hours_owed[side] > (one.capacity_hours[side] or 0) for one in managers) for side in sides]
    lines = ["| hours of a quarter, or as many weeks as policy says | today | other policy |", "|---|---|---|"]
    lines += [f"| owed by managers | {owed[0]:,.1f} | {owed[1]:,.1f} |"]
    lines += [f"| capacity of managers | {room[0]:,.1f} | {room[1]:,.1f} |"]
    lines += [f"| owed where there is no manager | {alone[0]:,.1f} | {alone[1]:,.1f} |"]
    lines += [f"| managers owing more than they have | {over[0]} of {len(managers)} | {over[1]} of {len(managers)} |"]
    juggled = [sum(max(one.segments[side] - 1, 0) for one in managers) for side in sides]
    at_risk = [sum(one.mrr_at_risk[side] for one in portfolios) for side in sides]
    lines += [f"| segments beyond the first of each manager | {juggled[0]} | {juggled[1]} |"]
    lines += [f"| MRR at risk, with or without a manager | {at_risk[0]:,.0f} | {at_risk[1]:,.0f} |"]
    titles = ("manager", "accounts", "hours owed", "capacity", "segments at once", "MRR", "accounts at risk")
    lines += ["", f"| {' | '.join([*titles, 'MRR at risk'])} |", "|---|---|---|---|---|---|---|---|"]
    for one in portfolios:
        pairs = (one.accounts, one.hours_owed, one.capacity_hours, one.segments)
        money = tuple(tuple(f"{side:,.0f}" for side in both) for both in (one.mrr, one.mrr_at_risk))
        cells = [
            f"{_or_none(today)} → {_or_none(other)}"
            for today, other in (*pairs, money[0], one.accounts_at_risk, money[1])
        ]
        lines.append(f"| {' | '.join([one.csm_user_id, *cells])} |")
    return lines


def _rounded(rate: Any) -> float | None:
    return None if rate is None else round(float(rate), 2)


def report(found: Simulation) -> str:
    """The simulation as a short page."""
    lines = [f"# Another policy, as of {found.as_of}", ""]
    who = f"{found.accounts} accounts with {found.mrr:,.0f} of MRR change a segment"
    lines += [f"{who}. All of them: table `moves` of {RESULT_FILE}.", ""]
    bands, stages = (sum(one.accounts for one in found.changes if one.answer == name) for name in ANSWERS)
    lines += [f"{bands} change their band of health, {stages} their stage: table `changes` of the same file.", ""]
    if found.not_simulated:
        names = ", ".join(f"`{name}`" for name in found.not_simulated)
        lines += [f"**Not simulated**: {names} decide before the features, which are those of the last build.", ""]
    lines += ["| scheme | segments | changes of rank per account-year | managers needed |", "|---|---|---|---|"]
    for scheme in found.schemes:
        # A scheme without accounts_per_csm says nothing of managers.
        pairs = (scheme.segments, scheme.flips_a_year, scheme.csms if any(scheme.csms) else (None, None))
        cells = [f"{_or_none(today)} → {_or_none(other)}" for today, other in pairs]
        lines.append(f"| {' | '.join([scheme.segment_scheme, *cells])} |")
    lines += ["", *_capacity(found.portfolios)]
    lines += ["", "| scheme | from | to | accounts | MRR |", "|---|---|---|---|---|"]
    lines += [
        f"| {flow.segment_scheme} | {flow.from_segment} | {flow.to_segment} | {flow.accounts} | {flow.mrr:,.0f} |"
        for flow in found.flows
    ]
    lines += [f"| {one.answer} | {one.from_answer} | {one.to_answer} | {one.accounts} | {one.mrr:,.0f} |"
              for one in found.changes]  # fmt: skip
    lines += ["", "| answer | account | from | to | MRR | score |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {one.answer} | {one.account_id} | {one.from_answer} | {one.to_answer} | {one.mrr:,.0f}"
        f" | {' → '.join(_or_none(score) for score in one.health_score)} |"
        for one in found.changed_accounts
    ]
    lines += ["", "| scheme | account | from | to | MRR | why | seen |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {scheme} | {account} | {before} | {after} | {mrr or 0:,.0f} | {_cell(reason)} | {_cell(seen)} |"
        for scheme, account, before, after, mrr, reason, seen in found.moves
    ]
    return "\n".join(lines) + "\n"


def _or_none(value: object) -> str:
    return "–" if value is None else str(value)


def _cell(text: object) -> str:
    return "" if text is None else str(text).replace("|", "\\|")
