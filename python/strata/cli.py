"""The command `strata`. Results on stdout, talk on stderr; exit code 0 fine, 1 findings, 2 broken."""

import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from strata.console import print_json, say, show_error, show_findings, stdout, step
from strata.errors import Finding, InputError, StrataError, writing
from strata.project import load_project, parse_day

app = typer.Typer(
    help="Segments, health scores and journey stages inside your own warehouse, every number explainable.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
check_app = typer.Typer(help="Check the policy or the raw tables before anything is built.", no_args_is_help=True)
app.add_typer(check_app, name="check")

ProjectDir = Annotated[
    Path | None, typer.Option("--project-dir", help="Folder with dbt_project.yml; else the nearest one upwards.")
]
Company = Annotated[
    str | None, typer.Option("--company", help="Company whose models/staging/NAME/company.yml gives the vars.")
]
RawDir = Annotated[Path | None, typer.Option("--raw-dir", help="Folder of the raw tables; else var raw_dir.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="The day the run is for, YYYY-MM-DD; else var as_of_date.")]
BuiltFor = Annotated[
    str | None, typer.Option("--as-of", help="The day that the last build is for, YYYY-MM-DD, to be sure of it.")
]
Warehouse = Annotated[
    Path | None,
    typer.Option(
        "--warehouse", help="Folder of the build and the published file; else warehouse, or warehouse/COMPANY."
    ),
]
Target = Annotated[
    str | None,
    typer.Option("--target", help="Target of profiles.yml: dev (DuckDB), postgres, spark; else STRATA_TARGET or dev."),
]
Gate = Annotated[bool, typer.Option("--gate", help="Fail when the worst health band no longer churns as policy asks.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of text.")]
Debug = Annotated[
    bool, typer.Option("--debug", help="Show the traceback of a failure.", callback=lambda on: _debug(on))
]
PolicyDir = Annotated[Path | None, typer.Option("--policy-dir", help="Folder of the policy seeds; else seeds/policy.")]


def _debug(on: bool) -> bool:
    if on:
        os.environ["STRATA_DEBUG"] = "1"
    return on


@app.callback()
def _global_options(debug: Debug = False) -> None:
    """Segments, health scores and journey stages inside your own warehouse, every number explainable."""


def _register_generate() -> None:
    """`strata generate` is a module of its own, with numpy behind it; only the command line knows of it."""
    command = importlib.import_module("strata.generate.command")
    app.command("generate")(command.generate_command)


@check_app.command("policy")
def check_policy_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    policy_dir: PolicyDir = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Check that the policy seeds are total, consistent and understood, before any table changes."""
    from strata.build import policy_findings

    project = load_project(project_dir, company)
    findings = policy_findings(project, policy_dir.resolve() if policy_dir is not None else project.policy_dir)
    _report(findings, as_json, "the policy is sound")


@check_app.command("raw")
def check_raw_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    raw_dir: RawDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Check the raw tables: there, readable, fresh, big enough (Great Expectations)."""
    from strata.gate import check_raw

    project = load_project(project_dir, company, raw_dir, as_of)
    result = check_raw(project)
    say(f"report: {project.shown(result.page)}")
    say(f"results: {project.shown(result.results)}")
    _report(
        result.findings, as_json, f"{result.tables} raw tables can be built from ({result.expectations} expectations)"
    )


@app.command("load")
def load_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    raw_dir: RawDir = None,
    target: Target = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Put raw Parquet or CSV files into the raw schemas of an engine; DuckDB reads the files where they are."""
    from strata.build import score_new_tickets
    from strata.engines import open_engine, read_target

    project = load_project(project_dir, company, raw_dir, target=target)
    if read_target(project).kind != "duckdb":
        with step("sentiment"):
            score_new_tickets(project)
    with open_engine(project) as engine, step(f"load into {engine.target}"):
        loaded = engine.load(project)
    if as_json:
        print_json(asdict(loaded))
    say(
        f"{loaded.tables} raw tables, {loaded.rows:,} rows in {engine.target}"
        if loaded.tables
        else f"{engine.target} reads the raw files where they are; nothing to load",
        style="green",
    )


@app.command("sentiment")
def sentiment_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    raw_dir: RawDir = None,
    model: Annotated[
        str | None, typer.Option("--model", help="vader, an entry point, or package.module:factory; else the var.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Score how tickets sound, each text once; leaves digests and scores beside the raw files, never the text."""
    from strata.sentiment import score_tickets

    project = load_project(project_dir, company, raw_dir)
    scored = score_tickets(project, model)
    if scored is None:
        raise InputError(
            "there are no texts of tickets to score",
            "`sentiment` must be in var systems, and a system must offer `texts` in its sources yml",
        )
    if as_json:
        print_json({**asdict(scored), "file": str(scored.file)})
    say(
        f"{scored.texts:,} messages, {scored.computed:,} new texts, by {scored.model} {scored.model_version}:"
        f" {project.shown(scored.file)}",
        style="green",
    )


@app.command("build")
def build_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    raw_dir: RawDir = None,
    as_of: AsOf = None,
    warehouse: Warehouse = None,
    target: Target = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Work out everything anew; what was observed and published stays.")
    ] = False,
    skip_raw_check: Annotated[
        bool, typer.Option("--skip-raw-check", help="Leave the raw gate out, where it has just been run.")
    ] = False,
    gate: Gate = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Check policy and raw tables, build with dbt, audit, publish: the whole path, safe to repeat."""
    from strata.build import build

    project = load_project(project_dir, company, raw_dir, as_of, warehouse, target)
    publication = build(project, full_refresh=full_refresh, skip_raw_check=skip_raw_check, gate=gate)
    if as_json:
        print_json(asdict(publication))


@app.command("backfill")
def backfill_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    raw_dir: RawDir = None,
    start: Annotated[
        str | None, typer.Option("--from", help="First day to work out again, YYYY-MM-DD; else history_start_date.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="The day the last run is for, YYYY-MM-DD; else var as_of_date.")
    ] = None,
    slice_days: Annotated[int, typer.Option("--slice-days", help="Days of history a run works out at once.")] = 91,
    warehouse: Warehouse = None,
    target: Target = None,
    skip_raw_check: Annotated[
        bool, typer.Option("--skip-raw-check", help="Leave the raw gate out, where it has just been run.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Work out a stretch of history again, slice by slice; stopped, it resumes. Then audit and publish."""
    from strata.backfill import backfill

    project = load_project(project_dir, company, raw_dir, end, warehouse, target)
    publication = backfill(project, None if start is None else parse_day(start, "--from"), slice_days, skip_raw_check)
    if as_json:
        print_json(asdict(publication))


@app.command("audit")
def audit_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    as_of: BuiltFor = None,
    warehouse: Warehouse = None,
    target: Target = None,
    gate: Gate = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Audit the built tables against their grain, ranges and the laws, without building or publishing."""
    from strata.audit import audit
    from strata.dbt_runner import read_manifest
    from strata.engines import open_publisher
    from strata.last_build import day_of_build, on_its_day
    from strata.lock import build_lock

    project = load_project(project_dir, company, warehouse=warehouse, target=target)
    with build_lock(project.warehouse), open_publisher(project) as engine:
        project = on_its_day(project, day_of_build(engine, read_manifest(project)), as_of)
        with engine.audit_source() as source:
            result = audit(project, source, gate)
    say(f"results: {project.shown(result.results)}")
    _report(result.findings, as_json, f"{result.tables} public tables keep {result.laws} laws")


@app.command("publish")
def publish_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    as_of: BuiltFor = None,
    warehouse: Warehouse = None,
    target: Target = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Audit what the last build left and put it in place for readers in one atomic step."""
    from strata.build import audit_and_publish
    from strata.engines import open_publisher
    from strata.lock import build_lock

    project = load_project(project_dir, company, warehouse=warehouse, target=target)
    with build_lock(project.warehouse), open_publisher(project) as engine, engine.lock():
        publication = audit_and_publish(project, engine, as_of=as_of)
    if as_json:
        print_json(asdict(publication))


@app.command("parity")
def parity_command(
    targets: Annotated[
        str, typer.Option("--targets", help="Targets of profiles.yml; the first is compared with each.")
    ] = "dev,postgres",
    project_dir: ProjectDir = None,
    company: Company = None,
    raw_dir: RawDir = None,
    as_of: AsOf = None,
    days: Annotated[int, typer.Option("--days", min=0, help="Daily increments after the first, full build.")] = 0,
    late: Annotated[
        bool, typer.Option("--late", help="Hold some raw rows back at first, and deliver them in a last run.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Build the same raw tables on several engines and compare every public table, value by value."""
    from strata.parity import ParityOptions, run_parity
    from strata.parity import report as reports

    project = load_project(project_dir, company, raw_dir, as_of)
    wanted = [name.strip() for name in targets.split(",") if name.strip()]
    result = run_parity(project, wanted, ParityOptions(days=days, late=late))
    say(f"report: {project.shown(reports.write_report(project, result))}")
    if as_json:
        print_json(reports.as_json(result))
    else:
        stdout().print(reports.as_table(result))
    if result.differences:
        say(f"{result.differences:,} differences between {', '.join(result.targets)}", style="bold red")
        raise typer.Exit(1)
    say(f"0 differences between {', '.join(result.targets)}", style="green")


@app.command("bench")
def bench_command(
    project_dir: ProjectDir = None,
    as_of: AsOf = None,
    accounts: Annotated[int, typer.Option("--accounts", help="Accounts of the generated company.")] = 1_000,
    events: Annotated[int | None, typer.Option("--events", help="Its product events; else 1,000 an account.")] = None,
    months: Annotated[int, typer.Option("--months", help="Its observed months.")] = 24,
    growth: Annotated[str, typer.Option("--growth", help="Multiples of it to build, too.")] = "1,2,4",
    history: Annotated[
        str, typer.Option("--history", help="Months of history to add a day to; '' for none.")
    ] = "6,12,24",
    increment_accounts: Annotated[
        int | None, typer.Option("--increment-accounts", help="Accounts for that; else as --accounts.")
    ] = None,
    days: Annotated[int, typer.Option("--days", help="Daily runs after each full build; the median counts.")] = 1,
    repeats: Annotated[int, typer.Option("--repeats", help="Pairs of build and floor; medians count.")] = 1,
    peers: Annotated[bool, typer.Option("--peers/--no-peers", help="Compare with polars and PostgreSQL.")] = True,
    peer_accounts: Annotated[
        str, typer.Option("--peer-accounts", help="Companies for the peers, as 500,1000; else those of --growth.")
    ] = "",
    peer_seconds: Annotated[float, typer.Option("--peer-seconds", help="A peer that takes longer is stopped.")] = 300,
    peer_memory_gb: Annotated[float, typer.Option("--peer-memory-gb", help="One that needs more is stopped.")] = 8,
    memory_limit: Annotated[
        str | None, typer.Option("--memory-limit", help="Of the process, as 6GB; else STRATA_MEMORY_LIMIT or all.")
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="dbt's threads; else STRATA_THREADS or 2.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the companies.")] = 7,
    out: Annotated[Path, typer.Option("--out", help="Folder of everything it writes.")] = Path("target/bench"),
    keep: Annotated[bool, typer.Option("--keep", help="Leave raw folders and dbt's artifacts in it.")] = False,
    again: Annotated[
        Path | None, typer.Option("--from", help="Report the bench.json of an earlier run instead of measuring.")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="The plot as a page of its own, too.")] = False,
    write_docs: Annotated[bool, typer.Option("--write-docs", help="Put the run into docs/performance.md.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 when a figure is over its limit.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Measure full builds, daily runs and other tools against each other on generated companies."""
    from strata.bench import command

    command.run(
        load_project(project_dir, None, None, as_of),
        command.options(
            accounts=accounts, events=events, months=months, growth=growth, history=history,
            increment_accounts=increment_accounts, days=days, repeats=repeats, peers=peers,
            peer_accounts=peer_accounts, peer_seconds=peer_seconds, peer_memory_gb=peer_memory_gb, seed=seed,
            keep=keep, out=out,
        ),
        command.Output(again=again, html=html, write_docs=write_docs, strict=strict, as_json=as_json),
        {
            **({"STRATA_MEMORY_LIMIT": memory_limit} if memory_limit is not None else {}),
            **({"STRATA_THREADS": str(threads)} if threads is not None else {}),
        },
    )  # fmt: skip


@app.command("dialects")
def dialects_command(
    project_dir: ProjectDir = None,
    write: Annotated[bool, typer.Option("--write", help="Put it into docs/engines.md instead of on stdout.")] = False,
    debug: Debug = False,
) -> None:
    """What would not work on Snowflake, BigQuery, Databricks and Redshift: every model parsed there, none run."""
    if any(importlib.util.find_spec(name) is None for name in ("sqlglot", "pyspark", "psycopg2")):
        raise StrataError("dialects needs sqlglot and the adapters of all engines", "install them: make dialects")
    from strata.dialects import section

    project = load_project(project_dir)
    found = section.reports(project.root)
    content = section.section(project.root, found)
    if write:
        path = project.root / "docs" / "engines.md"
        section.write_section(path, content)
        say(f"written: {project.shown(path)}")
    else:
        typer.echo(content)
    say(
        "; ".join(f"{section.NAMES[item.dialect.name]} {item.translated} of {item.models} parse" for item in found),
        style="green",
    )


@app.command("simulate")
def simulate_command(
    policy: Annotated[Path, typer.Option("--policy", help="Folder of the other policy: seeds/policy, edited.")],
    project_dir: ProjectDir = None,
    company: Company = None,
    as_of: BuiltFor = None,
    warehouse: Warehouse = None,
    target: Target = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the results; else reports/simulate.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Who would move, with how much MRR, if another policy were in force: on the features of the last build."""
    from strata.simulate import report, simulate

    project = load_project(project_dir, company, warehouse=warehouse, target=target)
    found = simulate(project, policy.resolve(), out.resolve() if out is not None else None, as_of)
    if as_json:
        print_json(asdict(found))
    else:
        typer.echo(report(found))
    say(f"tables: {project.shown(found.result)}; report: {project.shown(found.report)}", style="green")


@app.command("summary")
def summary_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    warehouse: Warehouse = None,
    target: Target = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """What the published tables say today: segments, health, stages, rejected rows, three accounts."""
    from strata.summary import show_summary, summarise

    project = load_project(project_dir, company, warehouse=warehouse, target=target)
    summary = summarise(project)
    if as_json:
        print_json(summary)
    else:
        show_summary(project, summary)


@app.command("explain")
def explain_command(
    account: Annotated[str, typer.Argument(help="An account_id, like salesforce:001…")],
    at: Annotated[
        str | None, typer.Option("--at", help="The day to explain, YYYY-MM-DD; else the latest snapshot.")
    ] = None,
    project_dir: ProjectDir = None,
    company: Company = None,
    warehouse: Warehouse = None,
    target: Target = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Why an account has its segment, score and stage, from the published tables."""
    from strata.explain import explain, sentences

    explanation = explain(load_project(project_dir, company, warehouse=warehouse, target=target), account, at)
    if as_json:
        print_json(explanation)
    else:
        for sentence in sentences(explanation):
            typer.echo(sentence)


@app.command("feed")
def feed_command(
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder that gets a file of what it has not had yet, and a cursor.")
    ] = None,
    after: Annotated[int, typer.Option("--after", min=0, help="Without --out: changes beyond this number.")] = 0,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many changes.")] = None,
    project_dir: ProjectDir = None,
    company: Company = None,
    warehouse: Warehouse = None,
    target: Target = None,
    debug: Debug = False,
) -> None:
    """What changed in the published segments, scores, stages and actions, as JSON lines; each change once."""
    from strata import feed
    from strata.published import open_published

    project = load_project(project_dir, company, warehouse=warehouse, target=target)
    with open_published(project) as published:
        if out is None:
            changes = feed.read_changes(published, after, limit)
            typer.echo(feed.as_lines(changes), nl=False)
            say(f"{len(changes):,} changes after {after}", style="green")
            return
        with writing(out, "name another folder with --out"):
            delivery = feed.deliver(published, out.resolve(), limit)
    for recovered in delivery.recovered:
        typer.echo(str(recovered))
        say(f"  {recovered.name}: left without its name by a call that was stopped", style="yellow")
    if delivery.file is None:
        say(f"nothing new after change {delivery.until}", style="green")
    else:
        typer.echo(str(delivery.file))
        say(f"{delivery.until - delivery.after:,} changes, up to {delivery.until}", style="green")


@app.command("portfolios")
def portfolios_command(
    with_unassigned: Annotated[
        bool, typer.Option("--with-unassigned", help="Place the customers without a CSM, too.")
    ] = False,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="Time of the solver.")] = 30,
    project_dir: ProjectDir = None,
    company: Company = None,
    warehouse: Warehouse = None,
    target: Target = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Suggest accounts to move so that each CSM serves as few segments as possible within capacity. Assigns nothing."""
    from strata import portfolios
    from strata.published import open_published

    project = load_project(project_dir, company, warehouse=warehouse, target=target)
    with open_published(project) as published:
        accounts, csms, capacity = portfolios.read(published, with_unassigned)
    found = portfolios.suggest(accounts, csms, capacity, seconds)
    if as_json:
        print_json(portfolios.as_json(found))
    else:
        portfolios.show(found)
    if found.verdict in ("none", "unknown"):
        raise typer.Exit(1)


@app.command("validate")
def validate_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    warehouse: Warehouse = None,
    target: Target = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw it: a path that ends in .svg, .png or .html.")
    ] = None,
    gate: Gate = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Whether the score predicts churn, from the published tables; says so when it does not."""
    from strata import validate

    if plot is not None:
        validate.check_plot(plot)
    project = load_project(project_dir, company, warehouse=warehouse, target=target)
    result = validate.validate(project)
    if plot is not None:
        validate.draw(result, plot)
        say(f"plot: {project.shown(plot.resolve())}")
    if as_json:
        print_json(result)
    else:
        validate.show(result)
    if gate and result["gate"] is not None and result["gate"]["says"] == "failed":
        say(f"error: {validate.gate_sentence(result)}", style="bold red")
        raise typer.Exit(1)


@app.command("calibrate")
def calibrate_command(
    project_dir: ProjectDir = None,
    company: Company = None,
    as_of: BuiltFor = None,
    warehouse: Warehouse = None,
    every: Annotated[int, typer.Option("--every", min=1, help="Days after which the model is fitted anew.")] = 90,
    write: Annotated[bool, typer.Option("--write", help="Put the coefficients into the policy seeds.")] = False,
    propose: Annotated[
        Path | None, typer.Option("--propose", help="Write the proposed weights as a diff, for git apply.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw what was said against what followed: .svg, .png or .html.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Fit the churn risk on the last DuckDB build, judge it out of time, and give its coefficients as policy rows."""
    from strata import calibrate, proposal, reliability, validate
    from strata.last_build import day_of_build_file, on_its_day

    if plot is not None:
        validate.check_plot(plot)
    project = load_project(project_dir, company, warehouse=warehouse)
    if project.build_db.is_file():
        project = on_its_day(project, day_of_build_file(project), as_of)
    result = calibrate.calibrate(project, every)
    if plot is not None:
        reliability.draw(result["out_of_time"], plot)
        say(f"plot: {project.shown(plot.resolve())}")
    if propose is not None:
        text = proposal.as_diff(project.policy_dir, project.root, result["proposal"], project.as_of)
        with writing(propose, "name another file with --propose"):
            propose.write_text(text, encoding="utf-8")
        say(f"proposal: {project.shown(propose.resolve())}; `git apply` takes it, nothing else does")
    if as_json:
        print_json(result)
    else:
        calibrate.show(result)
    if write:
        say(f"written: {project.shown(calibrate.write(project, result))}; `strata build` scores with it", style="green")


def _report(findings: Sequence[Finding], as_json: bool, fine: str) -> None:
    """Shows findings and ends with 1 when one of them is an error."""
    if as_json:
        print_json([{**asdict(item), "file": None if item.file is None else str(item.file)} for item in findings])
    else:
        show_findings(findings)
    errors = sum(item.severity == "error" for item in findings)
    warnings = len(findings) - errors
    if errors:
        if errors > 1:
            say(f"error: {errors} findings block the build, {warnings} warn", style="bold red")
        raise typer.Exit(1)
    say(f"{fine}{f'; {warnings} warnings' if warnings else ''}", style="green")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit code; expected failures end in one message, never in a traceback."""
    try:
        if importlib.util.find_spec("strata.generate.command") is not None and not _registered("generate"):
            _register_generate()
        app(args=list(arguments) if arguments is not None else None, prog_name="strata")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except StrataError as error:
        show_error(error)
        return _ended(error.exit_code)
    except OSError as error:  # a full disk, a folder that nobody may write: no defect, wherever it happens
        where = f"{error.filename}: " if error.filename else ""
        say(f"error: {where}{error.strerror or error}", style="bold red")
        say("  remedy: see that there is space, and that the place may be read and written; then run it again")
        return _ended(2)
    except Exception as error:  # the last resort: a defect, told as one
        say(f"error: unexpected {type(error).__name__}: {error}", style="bold red")
        say("  remedy: run it again with --debug and report what it shows")
        return _ended(2)
    return 0


def _registered(name: str) -> bool:
    return any(command.name == name for command in app.registered_commands)


def _ended(code: int) -> int:
    if os.environ.get("STRATA_DEBUG"):
        traceback.print_exc()
    return code


def run() -> None:
    """The console script. Leaves without the interpreter's farewell, in which DuckDB's binding complains of leaks."""
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
