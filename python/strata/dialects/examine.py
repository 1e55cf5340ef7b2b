"""Parses a query in a dialect, translates it, and says what would not work there."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sqlglot
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError
from sqlglot.tokenizer_core import TokenType

from strata.dialects.known import FUNCTIONS, TRAPS, WRITTEN_BY, Dialect, words

# Words that stand before a bracket without being functions.
_WORDS = words(
    """
    and array as bigint bit by char decimal filter from in interval lateral not numeric on or over select string then
    using values varchar when where
    """
)


@dataclass(frozen=True, order=True)
class Construct:
    """One thing that would not work. name: as a person would write it; why: what happens there, or who mends it."""

    name: str
    why: str


@dataclass(frozen=True)
class Verdict:
    """What became of one query. as_it_is: the dialect reads the text that dbt compiled for the nearest engine;
    trouble: why the translated text cannot be read, empty when it can.
    """

    as_it_is: bool
    trouble: str
    constructs: frozenset[Construct]


@dataclass(frozen=True)
class DialectReport:
    """All models in one dialect. constructs: each with the names of the models that hold it; trouble: by model."""

    dialect: Dialect
    models: int
    as_they_are: int
    translated: int
    constructs: Mapping[Construct, Sequence[str]]
    trouble: Mapping[str, str]


def report(models: Mapping[str, str], engine: str, dialect: Dialect) -> DialectReport:
    """Examines every model. models: name -> compiled SQL; engine: sqlglot's name of what it was compiled for."""
    verdicts = {name: examine(sql, engine, dialect.name) for name, sql in sorted(models.items())}
    constructs = sorted({construct for verdict in verdicts.values() for construct in verdict.constructs})
    return DialectReport(
        dialect=dialect,
        models=len(verdicts),
        as_they_are=sum(verdict.as_it_is for verdict in verdicts.values()),
        translated=sum(not verdict.trouble for verdict in verdicts.values()),
        constructs={
            construct: [name for name, verdict in verdicts.items() if construct in verdict.constructs]
            for construct in constructs
        },
        trouble={name: verdict.trouble for name, verdict in verdicts.items() if verdict.trouble},
    )


def examine(sql: str, engine: str, dialect: str) -> Verdict:
    """Examines one query that was compiled for `engine`."""
    # What sqlglot does not know it says in its log; here it is part of the verdict.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    as_it_is = _parses(sql, dialect)
    try:
        tree = sqlglot.parse_one(sql, read=engine)
    except SqlglotError as error:
        return Verdict(as_it_is, f"not read as {engine}: {_first_line(error)}", frozenset())
    target = sqlglot.Dialect.get_or_raise(dialect)
    found: set[Construct] = set()
    try:
        text = target.generate(tree, unsupported_level=ErrorLevel.RAISE, max_unsupported=1000)
    except UnsupportedError as error:
        lines = {line.strip() for line in str(error).splitlines() if line.strip()}
        found |= {Construct(line.rstrip("."), "sqlglot finds no words for it") for line in lines}
        text = target.generate(tree, unsupported_level=ErrorLevel.IGNORE)
    try:
        translated = sqlglot.parse_one(text, read=dialect)
    except SqlglotError as error:
        return Verdict(as_it_is, _first_line(error), frozenset(found))
    # A trap may be gone after translation because sqlglot passed it on as something else: both trees are looked at.
    for trap in TRAPS:
        if trap.dialects and dialect not in trap.dialects:
            continue
        trees = (tree, translated) if trap.translated else (tree,)
        if any(trap.found(node) for one in trees for node in one.walk()):
            found.add(Construct(trap.name, trap.why))
    for name in sorted(_called(text, dialect) - FUNCTIONS[dialect]):
        by = WRITTEN_BY.get(name)
        found.add(Construct(f"`{name}()`", f"not there; written by {by}" if by else "not known to be there"))
    return Verdict(as_it_is, "", frozenset(found))


def _called(text: str, dialect: str) -> set[str]:
    """The names before a bracket, in lower case."""
    tokens = list(sqlglot.tokenize(text, read=dialect))
    return {
        name.text.lower()
        for name, bracket in pairwise(tokens)
        if bracket.token_type == TokenType.L_PAREN
        and name.token_type not in (TokenType.STRING, TokenType.NUMBER, TokenType.IDENTIFIER)
        and name.text[:1].isalpha()
        and name.text.lower() not in _WORDS
    }


def _parses(sql: str, dialect: str) -> bool:
    try:
        sqlglot.parse_one(sql, read=dialect)
    except SqlglotError:
        return False
    return True


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
