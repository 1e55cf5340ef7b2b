"""Qualtrics: a relationship survey (NPS with a reason) every half year and a short survey (CSAT) after some tickets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from strata.generate import vocabulary as v
from strata.generate.arrow import as_text, build, join, pick, texts, timestamps, when
from strata.generate.clock import DAY, HOUR, MINUTE, Clock
from strata.generate.config import GenerateConfig
from strata.generate.crm import Contacts
from strata.generate.identity import EXTERNAL, Traces
from strata.generate.latent import Latent, health_at, spell_of
from strata.generate.ledger import Ledger
from strata.generate.people import people
from strata.generate.randomness import IntArray, hex_ids, stream
from strata.generate.schemas import SCHEMAS, TableKey
from strata.generate.world import World

NPS_SURVEY, CSAT_SURVEY, OLD_SURVEY = "SV_relationship", "SV_support", "SV_old"
NPS_QUESTION, WHY_QUESTION, CSAT_QUESTION = "QID1", "QID2", "QID3"
QUESTION_TEXTS = {
    NPS_QUESTION: "How likely are you to recommend us to a colleague?",
    WHY_QUESTION: "What is the main reason for your score?",
    CSAT_QUESTION: "How satisfied are you with the answer of our support team?",
}
RESPONSE_RATE = 0.30


@dataclass(frozen=True)
class _Responses:
    """Responses, one element each, sorted by time."""

    account: IntArray
    person: IntArray
    at: IntArray
    is_nps: IntArray
    finished: IntArray
    score: IntArray


def make_surveys(
    config: GenerateConfig, clock: Clock, world: World, latent: Latent, traces: Traces, contacts: Contacts,
    ledger: Ledger,
) -> dict[TableKey, pa.Table]:  # fmt: skip
    """All Qualtrics tables, sound rows only; a deleted survey and its question are noted."""
    rng = stream(config.seed, "surveys")
    responses = _responses(rng, clock, world, latent, contacts)
    tables = {
        ("qualtrics", "survey"): _surveys(clock),
        ("qualtrics", "question"): _questions(clock),
        ("qualtrics", "survey_response"): _response_rows(rng, config, traces, responses),
        ("qualtrics", "question_response"): _answers(rng, responses),
        ("qualtrics", "survey_embedded_data"): _embedded(world, traces, responses),
    }
    for key in (("qualtrics", "survey"), ("qualtrics", "question")):
        deleted = tables[key].column("_fivetran_deleted").to_numpy()
        ledger.note_where(key, tables[key], deleted, "deleted_in_source")
    return tables


def _responses(rng: np.random.Generator, clock: Clock, world: World, latent: Latent, contacts: Contacts) -> _Responses:
    """Who answers: up to three contacts a wave, and now and then somebody after a ticket."""
    accounts, times, kinds = [], [], []
    waves = clock.months // 6 + 1
    for wave in range(waves):
        # Half of the accounts are asked in one quarter, half in the next.
        month = np.minimum(clock.months - 1, wave * 6 + (np.arange(world.n) % 2) * 3)
        asked = np.repeat(np.arange(world.n, dtype=np.int64), np.minimum(contacts.count, 1 + world.size_class))
        answers = asked[rng.random(len(asked)) < RESPONSE_RATE]
        accounts.append(answers)
        times.append(clock.edges[month[answers]] + (rng.random(len(answers)) * 21 * DAY).astype(np.int64))
        kinds.append(np.ones(len(answers), dtype=np.int64))
    extra = np.repeat(np.arange(world.n, dtype=np.int64), rng.poisson(0.5 + 0.3 * world.size_class))
    accounts.append(extra)
    span = clock.as_of_end - clock.start
    times.append(clock.start + (rng.random(len(extra)) * span).astype(np.int64))
    kinds.append(np.zeros(len(extra), dtype=np.int64))
    account, at, is_nps = np.concatenate(accounts), np.concatenate(times), np.concatenate(kinds)
    row = spell_of(latent.spells, account, at)
    inside = (row >= 0) & (at < latent.spells.end[np.maximum(row, 0)]) & (at < clock.as_of_end - HOUR)
    account, at, is_nps = account[inside], at[inside], is_nps[inside]
    order = np.argsort(at, kind="stable")
    account, at, is_nps = account[order], at[order], is_nps[order]
    mood = health_at(latent, clock, account, at) + 0.6 * rng.standard_normal(len(at))
    nps = np.clip(np.round(7.7 + 1.75 * mood), 0, 10)
    csat = np.clip(np.round(3.9 + 0.9 * mood), 1, 5)
    person = (rng.random(len(at)) * contacts.count[account]).astype(np.int64)
    finished = (rng.random(len(at)) > 0.05).astype(np.int64)
    return _Responses(account, person, at, is_nps, finished, np.where(is_nps == 1, nps, csat).astype(np.int64))


def _surveys(clock: Clock) -> pa.Table:
    """Two in use and one deleted."""
    return build(
        SCHEMAS["qualtrics", "survey"],
        {
            "id": texts([NPS_SURVEY, CSAT_SURVEY, OLD_SURVEY]),
            "survey_name": texts(["Relationship survey", "Support survey", "Old pilot survey"]),
            "survey_status": texts(["Active", "Active", "Inactive"]),
            "_fivetran_deleted": np.array([False, False, True]),
            "_fivetran_synced": timestamps(np.full(3, clock.as_of_end + HOUR)),
        },
    )


def _questions(clock: Clock) -> pa.Table:
    """The score, the reason, the satisfaction; and the question of the deleted survey."""
    return build(
        SCHEMAS["qualtrics", "question"],
        {
            "id": texts([NPS_QUESTION, WHY_QUESTION, CSAT_QUESTION, "QID9"]),
            "survey_id": texts([NPS_SURVEY, NPS_SURVEY, CSAT_SURVEY, OLD_SURVEY]),
            "question_text": texts([*QUESTION_TEXTS.values(), "Old question"]),
            "question_type": texts(["MC", "TE", "MC", "MC"]),
            "data_export_tag": texts(["NPS", "WHY", "CSAT", "Q1"]),
            "_fivetran_deleted": np.array([False, False, False, True]),
            "_fivetran_synced": timestamps(np.full(4, clock.as_of_end + HOUR)),
        },
    )


def _ids(rows: int) -> pa.Array:
    """Ids of responses."""
    return hex_ids("R_", np.arange(rows))


def _response_rows(rng: np.random.Generator, config: GenerateConfig, traces: Traces, responses: _Responses) -> pa.Table:
    """survey_response."""
    rows = len(responses.at)
    who = people(config, responses.account, responses.person)
    end = responses.at + ((1 + rng.random(rows) * 9) * MINUTE).astype(np.int64)
    return build(
        SCHEMAS["qualtrics", "survey_response"],
        {
            "id": _ids(rows),
            "survey_id": pick((CSAT_SURVEY, NPS_SURVEY), responses.is_nps),
            "recipient_email": who.email(pick(traces.domain, responses.account)),
            "distribution_channel": "email",
            "user_language": "EN",
            "finished": responses.finished,
            "status": 0,
            "progress": np.where(responses.finished == 1, 100, 50),
            "duration_in_seconds": (end - responses.at) // 1_000_000,
            "start_date": timestamps(responses.at),
            "end_date": timestamps(end),
            "recorded_date": timestamps(end + MINUTE),
            "_fivetran_synced": timestamps(end + 2 * HOUR),
        },
    )


def _answers(rng: np.random.Generator, responses: _Responses) -> pa.Table:
    """question_response, long: the score, and for six in ten of the relationship surveys a sentence."""
    rows = len(responses.at)
    every = np.arange(rows, dtype=np.int64)
    asked = (responses.is_nps == 1) & (rng.random(rows) < 0.6)
    row = np.concatenate([every, every[asked]])
    is_text = np.arange(len(row)) >= rows
    score = responses.score[row]
    group = np.where(score >= 9, 0, np.where(score >= 7, 1, 2))
    words = v.NPS_PROMOTER + v.NPS_PASSIVE + v.NPS_DETRACTOR
    sentence = pick(words, group * 3 + rng.integers(0, 3, len(row)))
    question = np.where(is_text, 1, np.where(responses.is_nps[row] == 1, 0, 2))
    order = np.lexsort((question, row))
    table = build(
        SCHEMAS["qualtrics", "question_response"],
        {
            "_fivetran_id": hex_ids("qr_", row * 4 + question),
            "response_id": _ids(rows).take(pa.array(row)),
            "question_id": pick((NPS_QUESTION, WHY_QUESTION, CSAT_QUESTION), question),
            "question": pick(tuple(QUESTION_TEXTS.values()), question),
            "value": when(is_text, None, as_text(score)),
            "text": when(is_text, sentence, None),
            "_fivetran_synced": timestamps(responses.at[row] + 3 * HOUR),
        },
    )
    return table.take(pa.array(order))


def _embedded(world: World, traces: Traces, responses: _Responses) -> pa.Table:
    """The account id where the survey carries it, and the plan tier of everybody."""
    rows = len(responses.at)
    known = np.flatnonzero(traces.match[responses.account] == EXTERNAL).astype(np.int64)
    every = np.arange(rows, dtype=np.int64)
    row = np.concatenate([every, known])
    is_account = np.arange(len(row)) >= rows
    tier = pick(("small", "medium", "large", "strategic"), world.size_class[responses.account[row]])
    key = pick(("size_tier", "salesforce_account_id"), is_account.astype(np.int64))
    table = build(
        SCHEMAS["qualtrics", "survey_embedded_data"],
        {
            "response_id": _ids(rows).take(pa.array(row)),
            "key": key,
            "value": when(is_account, pick(traces.reference, responses.account[row]), tier),
            "import_id": join(key, ""),
            "_fivetran_synced": timestamps(responses.at[row] + 3 * HOUR),
        },
    )
    return table.take(pa.array(np.lexsort((is_account, row))))
