"""Scores the texts of tickets that have no score yet and leaves the scores as a raw table: sentiment.ticket_message.

A system offers its texts as `config: meta: texts:` of its source: a query over its raw tables with the columns
ticket_id, message_id and text. Which of them count, and how, is for the models; here every text has one score a model
version. The text itself is nowhere kept: a digest says which one was scored.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from strata.errors import InputError
from strata.gate.sources import RawTable, read_sources
from strata.load.raw_select import raw_select
from strata.project import Project, read_mapping
from strata.sentiment.model import Sentiment, SentimentModel, load_model
from strata.sql import quoted

SYSTEM = "sentiment"
TABLE = "ticket_message"
BATCH = 2_000

_SCHEMA = pa.schema(
    [
        pa.field("source_system", pa.string()),
        pa.field("ticket_id", pa.string()),
        pa.field("message_id", pa.string()),
        pa.field("text_digest", pa.string()),
        pa.field("model", pa.string()),
        pa.field("model_version", pa.string()),
        pa.field("is_in_force", pa.bool_()),
        pa.field("language", pa.string()),
        pa.field("score", pa.decimal128(5, 4)),
        pa.field("status", pa.string()),
    ]
)

Key = tuple[str, str, str, str]
"""Source system, ticket, message, digest of the text."""


@dataclass(frozen=True)
class Scored:
    """What a run did. texts: all there are; computed: scored now; missing: without a score, by status; file: where."""

    model: str
    model_version: str
    texts: int
    computed: int
    missing: Mapping[str, int]
    file: Path


def results_file(raw_dir: Path) -> Path:
    """Where the scores of a raw folder lie."""
    return raw_dir / SYSTEM / TABLE / "part-00000.parquet"


def score_tickets(project: Project, model_name: str | None = None) -> Scored | None:
    """Scores what is new; None where the project has no sentiment, or no system that offers texts.

    Raises InputError when the model or the texts cannot be read.
    """
    if SYSTEM not in project.systems or not project.raw_dir.is_dir():
        return None
    offers = text_queries(project)
    if not offers:
        return None
    model = load_model(model_name or str(project.variables.get("sentiment_model") or "vader"))
    path = results_file(project.raw_dir)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        _texts(connection, read_sources(project), offers)
        known = _known(path)
        rows, computed = _answers(connection, model, known)
    if computed or _as_set(rows) != _as_set(known):
        _write(path, rows)
    in_force = [row for row in rows if row["is_in_force"]]
    missing: dict[str, int] = {}
    for row in in_force:
        if row["score"] is None:
            missing[row["status"]] = missing.get(row["status"], 0) + 1
    return Scored(model.name, model.version, len(in_force), computed, missing, path)


def text_queries(project: Project) -> dict[str, str]:
    """The query of texts of every system that is switched on and has one."""
    found: dict[str, str] = {}
    for path in sorted(project.root.glob("models/staging/**/_*__sources.yml")):
        for source in read_mapping(path).get("sources") or []:
            query = ((source.get("config") or {}).get("meta") or {}).get("texts")
            if query and str(source.get("name")) in project.systems:
                found[str(source["name"])] = str(query)
    return found


def _texts(connection: duckdb.DuckDBPyConnection, tables: Iterable[RawTable], offers: Mapping[str, str]) -> None:
    """Table `texts`: every different text of every message, with its digest. Texts are read as staging reads them."""
    arms = []
    for table in tables:
        # Only what the query names: a system may lack tables that have nothing to do with texts.
        if not re.search(rf"\b{re.escape(table.name)}\b", offers.get(table.system, "")):
            continue
        select = raw_select(connection, table)
        columns = ", ".join(
            f"nullif(trim(cast({quoted(column.name)} as varchar)), '') as {quoted(column.name)}"
            if column.data_type == "text"
            else quoted(column.name)
            for column in table.columns
        )
        connection.execute(f"create schema if not exists {quoted(table.system)}")
        connection.execute(
            f"create view {quoted(table.system)}.{quoted(table.name)} as select {columns} from ({select.sql}) as landed"
        )
    try:
        for system, query in offers.items():
            connection.execute(f"set search_path = '{system}'")
            connection.execute(f"create temp table {quoted('texts_' + system)} as {query}")
            arms.append(
                f"select '{system}' as source_system, ticket_id, message_id, text from {quoted('texts_' + system)}"
            )
        connection.execute("set search_path = 'main'")
        connection.execute(
            "create temp table texts as select distinct *, md5(text) as text_digest"
            f" from ({' union all '.join(arms)}) as every"
            " where ticket_id is not null and message_id is not null and text is not null"
        )
    except duckdb.Error as error:
        raise InputError(
            f"the texts of tickets cannot be read: {str(error).splitlines()[0]}",
            "see `texts` in the sources yml of the system: ticket_id, message_id, text",
        ) from error


def _known(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    try:
        rows: list[dict[str, Any]] = pq.read_table(path, schema=_SCHEMA).to_pylist()
    except (pa.ArrowInvalid, OSError):
        # Not ours any more, or half of it: what can be computed is no loss.
        return []
    return rows


def _answers(
    connection: duckdb.DuckDBPyConnection, model: SentimentModel, known: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], int]:
    """The rows of the file as it should be, and how many of them were computed now. What has no text any more goes."""
    present: dict[Key, None] = {
        (str(system), str(ticket), str(message), str(digest)): None
        for system, ticket, message, digest in connection.execute(
            "select source_system, ticket_id, message_id, text_digest from texts"
        ).fetchall()
    }
    rows, done = [], set[Key]()
    for row in known:
        key = _key(row)
        if key not in present:
            continue
        in_force = (row["model"], row["model_version"]) == (model.name, model.version)
        rows.append({**row, "is_in_force": in_force})
        if in_force:
            done.add(key)
    by_digest = {row["text_digest"]: row for row in rows if row["is_in_force"]}
    wanted = [key for key in present if key not in done]
    new = sorted({key[3] for key in wanted if key[3] not in by_digest})
    answers = dict(_read(connection, model, new))
    for key in wanted:
        answer = answers.get(key[3])
        same = by_digest.get(key[3])
        rows.append(_row(key, model, answer) if answer is not None else {**(same or {}), **_named(key)})
    rows.sort(key=lambda row: (*_key(row), row["model"], row["model_version"]))
    return rows, len(new)


def _read(
    connection: duckdb.DuckDBPyConnection, model: SentimentModel, digests: list[str]
) -> Iterable[tuple[str, Sentiment]]:
    for start in range(0, len(digests), BATCH):
        some = digests[start : start + BATCH]
        texts = dict(
            connection.execute(
                "select text_digest, any_value(text) from texts where text_digest in (select unnest(?)) group by all",
                [some],
            ).fetchall()
        )
        yield from zip(some, model.read([texts[digest] for digest in some]), strict=True)


def _named(key: Key) -> dict[str, Any]:
    return dict(zip(("source_system", "ticket_id", "message_id", "text_digest"), key, strict=True))


def _row(key: Key, model: SentimentModel, answer: Sentiment) -> dict[str, Any]:
    score = None if answer.score is None else Decimal(str(answer.score)).quantize(Decimal("0.0001"))
    if (score is None) == (answer.status == "scored") or (score is not None and abs(score) > 1):
        raise InputError(
            f"the sentiment model {model.name} says `{answer.status}` with the score {answer.score}",
            "a text that is scored has a score from -1 to 1, any other has none",
        )
    return {
        **_named(key),
        "model": model.name,
        "model_version": model.version,
        "is_in_force": True,
        "language": answer.language,
        "score": score,
        "status": answer.status,
    }


def _key(row: Mapping[str, Any]) -> Key:
    return str(row["source_system"]), str(row["ticket_id"]), str(row["message_id"]), str(row["text_digest"])


def _as_set(rows: Iterable[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {tuple(row[name] for name in _SCHEMA.names) for row in rows}


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    """The whole file or none of it. Raises InputError where nobody may write."""
    half = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), half)
        os.replace(half, path)
    except OSError as error:
        raise InputError(
            f"the scores of tickets cannot be written: {error}",
            "let the raw folder be writable, or take `sentiment` out of var systems",
        ) from error
