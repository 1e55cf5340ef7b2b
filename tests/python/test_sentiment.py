"""Ticket sentiment: one interface, each text once, what cannot be read is missing, and no text is kept."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT
from strata.errors import InputError
from strata.generate.schemas import SCHEMAS
from strata.project import Project, load_project
from strata.sentiment import Sentiment, load_model, score_tickets
from strata.sentiment.run import results_file
from strata.sentiment.vader import Vader


@dataclass
class Parrot:
    """A model of somebody else: says the same of everything and counts what it was asked."""

    version: str = "1"
    name: str = "parrot"
    asked: list[str] = field(default_factory=list)

    def read(self, texts: Sequence[str]) -> list[Sentiment]:
        self.asked += texts
        return [Sentiment("scored", "en", 0.25) for _ in texts]


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> Parrot:
    """Plugged in by its dotted name."""
    bird, module = Parrot(), ModuleType("aviary")
    module.parrot = lambda: bird  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "aviary", module)
    return bird


class Desk:
    """Raw tables of a help desk: tickets and comments."""

    def __init__(self, folder: Path) -> None:
        self.raw = folder / "raw"
        self.tickets = [_ticket(1, "Reports", "We love the new reports, thank you!")]
        self.comments = [
            _comment(11, 1, 7, "We love the new reports, thank you!"),
            _comment(12, 1, 99, "I am the agent and this is terrible"),
            _comment(13, 1, 7, "This still does not work and we are very disappointed."),
        ]

    def project(self) -> Project:
        """With the tables landed."""
        for name, rows in (("ticket", self.tickets), ("ticket_comment", self.comments)):
            place = self.raw / "zendesk" / name
            place.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMAS["zendesk", name]), place / "part.parquet")
        return load_project(ROOT, raw_dir=self.raw)

    def rows(self) -> list[dict[str, Any]]:
        """What was left beside the raw files."""
        found: list[dict[str, Any]] = pq.read_table(results_file(self.raw)).to_pylist()
        return found


def _ticket(ticket: int, subject: str | None, description: str | None) -> dict[str, Any]:
    return {"id": ticket, "requester_id": 7, "subject": subject, "description": description}


def _comment(comment: int, ticket: int, user: int, body: str) -> dict[str, Any]:
    return {"id": comment, "ticket_id": ticket, "user_id": user, "body": body}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_language_that_is_not_supported_has_no_score_and_not_the_middle() -> None:
    texts = [
        "Leider funktioniert es schon wieder nicht. Wir sind sehr unzufrieden.",
        "Merci, mais le produit ne marche pas pour nous.",
        "12345 !!",
        "Xyzzy plugh",
    ]
    found = Vader().read(texts)
    assert [(item.status, item.language, item.score) for item in found] == [
        ("unsupported_language", "de", None),
        ("unsupported_language", "fr", None),
        ("empty", None, None),
        ("unknown_language", None, None),
    ]


def test_a_better_text_has_a_better_score() -> None:
    texts = [
        "This is terrible and we are very disappointed.",
        "Where can I find the invoice of the last month?",
        "This is excellent and we are very happy with it.",
    ]
    worse, neutral, better = (item.score for item in Vader().read(texts))
    assert worse is not None
    assert neutral is not None
    assert better is not None
    assert worse < -0.3 < neutral < 0.3 < better


def test_only_what_the_customer_wrote_is_read_and_no_text_is_kept(desk: Desk) -> None:
    scored = score_tickets(desk.project())
    assert scored is not None
    assert {row["message_id"] for row in desk.rows()} == {"description", "13"}
    assert {row["message_id"]: row["score"] > 0 for row in desk.rows()} == {"description": True, "13": False}
    kept = results_file(desk.raw).read_bytes()
    assert b"reports" not in kept
    assert b"disappointed" not in kept


def test_each_text_is_computed_once_a_model_version(desk: Desk, parrot: Parrot) -> None:
    assert score_tickets(desk.project(), "aviary:parrot").computed == 2  # type: ignore[union-attr]
    before = results_file(desk.raw).stat().st_mtime_ns
    assert score_tickets(desk.project(), "aviary:parrot").computed == 0  # type: ignore[union-attr]
    assert results_file(desk.raw).stat().st_mtime_ns == before
    desk.tickets.append(_ticket(2, None, "A new one"))
    assert score_tickets(desk.project(), "aviary:parrot").computed == 1  # type: ignore[union-attr]
    assert parrot.asked[2:] == ["A new one"]
    parrot.version = "2"
    assert score_tickets(desk.project(), "aviary:parrot").computed == 3  # type: ignore[union-attr]
    assert [(row["model_version"], row["is_in_force"]) for row in desk.rows()] == [("1", False), ("2", True)] * 3


def test_a_text_that_was_edited_is_scored_again_and_one_that_is_gone_is_forgotten(desk: Desk, parrot: Parrot) -> None:
    score_tickets(desk.project(), "aviary:parrot")
    digests = {row["text_digest"] for row in desk.rows()}
    desk.tickets = [_ticket(1, "Reports", "We hate them.")]
    score_tickets(desk.project(), "aviary:parrot")
    again = {row["text_digest"] for row in desk.rows()}
    assert sorted(parrot.asked[2:]) == ["Reports. We hate them.", "We love the new reports, thank you!"]
    assert len(digests - again) == 1
    desk.tickets, desk.comments = [_ticket(3, None, "Another")], []
    score_tickets(desk.project(), "aviary:parrot")
    assert {row["ticket_id"] for row in desk.rows()} == {"3"}


@pytest.mark.parametrize(
    "answer", [Sentiment("scored", "en", None), Sentiment("scored", "en", 1.5), Sentiment("empty", None, 0.0)]
)
def test_an_answer_that_cannot_be_is_refused(
    desk: Desk, parrot: Parrot, monkeypatch: pytest.MonkeyPatch, answer: Sentiment
) -> None:
    monkeypatch.setattr(parrot, "read", lambda texts: [answer for _ in texts])
    with pytest.raises(InputError, match="parrot"):
        score_tickets(desk.project(), "aviary:parrot")
    assert not results_file(desk.raw).exists()


@pytest.mark.parametrize("name", ["nobody", "strata.nowhere:model", "strata.sentiment:nobody"])
def test_a_model_that_is_not_there_is_said_by_name(name: str) -> None:
    with pytest.raises(InputError, match=name):
        load_model(name)


CORPORA = {"tweets": (0.95, 0.85), "amazonReviewSnippets": (0.60, 0.55), "nytEditorialSnippets": (0.57, 0.48)}
"""Least share of the sentences that raters lean on whose side is found, least correlation: docs/guides/policy.md."""


@pytest.mark.skipif("STRATA_SENTIMENT_CORPORA" not in os.environ, reason="names the folder of VADER’s rated sentences")
@pytest.mark.parametrize("corpus", CORPORA)
def test_rated_sentences_are_read_as_people_read_them(corpus: str) -> None:
    """The corpora are in the source archive of vaderSentiment, additional_resources/hutto_ICWSM_2014.tar.gz."""
    path = Path(os.environ["STRATA_SENTIMENT_CORPORA"]) / f"{corpus}_GroundTruth.txt"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    rated = [(float(rating), text) for _, rating, text in (line.split("\t", 2) for line in lines)]
    answers = zip(rated, Vader().read([text for _, text in rated]), strict=True)
    read = [(rating, answer.score) for (rating, _), answer in answers if answer.score is not None]
    clear = [(rating, score) for rating, score in read if abs(rating) >= 0.5]
    right = sum(score >= 0.05 if rating > 0 else score <= -0.05 for rating, score in clear) / len(clear)
    together = statistics.correlation([rating for rating, _ in read], [score for _, score in read])
    print(f"{corpus}: {len(read)} of {len(rated)} read, {right:.3f} on the right side, correlation {together:.3f}")
    assert right >= CORPORA[corpus][0]
    assert together >= CORPORA[corpus][1]
