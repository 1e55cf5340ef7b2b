"""Bands, rules and margins against a reference in Python, over thousands of made-up accounts and policies."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from laboratory import Laboratory
from real_builds import ROOT
from reference_rules import Bands, Condition, Facts, Margin, Rule, World, decided, ranks_within

START, DAY = dt.date(2024, 1, 1), dt.date(2025, 1, 5)
MODELS = ["int_bands", "int_segment_candidates", "int_segment_margin_inputs", "int_segment_margins"]
WORLD = World(
    value=Bands(("small", "medium", "large"), (Decimal(500), Decimal(2500)), None),
    skill=Bands(("novice", "practitioner", "expert"), (Decimal(40), Decimal(70)), Decimal(100)),
    lift=1,
    oldest_nps=180,
)  # fmt: skip
RANKS: dict[str, int | None] = {"low": 1, "middle": 2, "high": 5, "none": None}

# Mostly edges and their neighbours, for that is where bands and rules go wrong.
EDGES = [
    Decimal(text)
    for text in ("0", "1", "39.99", "40", "70", "100", "400", "499.9999", "500", "555.5555", "625", "2500")
]
NUMBERS = st.sampled_from(EDGES) | st.decimals(0, 5000, places=4)
SKILLS = st.sampled_from([edge for edge in EDGES if edge <= 100]) | st.decimals(0, 100, places=2)
FACTS = st.builds(
    Facts,
    mrr=NUMBERS,
    is_brand=st.integers(0, 1),
    skill=st.none() | SKILLS,
    employees=st.none() | st.integers(0, 3000).map(Decimal),
    nps=st.none() | st.integers(0, 10).map(Decimal),
    nps_age=st.sampled_from([0, 179, 180, 181, 900]),
    industry=st.sampled_from(["Retail", "Energy", "'; drop table rules", "{{ 1 }}", None]),
)
BOUNDS = st.none() | NUMBERS
CONDITIONS = st.one_of(
    st.builds(
        Condition, attribute=st.sampled_from(["mrr", "employees", "sophistication_score", "nps_score"]),
        lower=BOUNDS, upper=BOUNDS,
    ),
    st.builds(Condition, attribute=st.just("value_band"), text=st.sampled_from(WORLD.value.names)),
    st.builds(Condition, attribute=st.just("sophistication"), text=st.sampled_from([*WORLD.skill.names, "unknown"])),
    st.builds(Condition, attribute=st.just("industry"), text=st.sampled_from(["Retail", "'; drop table rules"])),
)  # fmt: skip
OUTCOMES = st.sampled_from(list(RANKS))
RULES = st.lists(st.tuples(OUTCOMES, st.lists(CONDITIONS, max_size=3)), max_size=8).map(
    lambda rules: [Rule(f"r{at}", outcome, tuple(conditions)) for at, (outcome, conditions) in enumerate(rules)]
)
SHARES = st.sampled_from([Decimal(text) for text in ("0", "0.1", "0.2", "0.25")])
SIZES = st.sampled_from([Decimal(text) for text in ("0", "5", "10", "100.5")])
MARKERS = st.sampled_from(["mrr", "employees", "sophistication_score"])
MARGINS = st.lists(
    st.builds(Margin, attribute=MARKERS, share=st.just(True), up=SHARES, down=SHARES)
    | st.builds(Margin, attribute=MARKERS, share=st.just(False), up=SIZES, down=SIZES),
    max_size=3, unique_by=lambda margin: margin.attribute,
)  # fmt: skip
SCHEMES = st.lists(st.tuples(RULES, OUTCOMES, MARGINS), min_size=3, max_size=4)

# Nobody's skill becomes unknown by a margin.
UNKNOWN_IS_LOW = [
    Rule("r0", "low", (Condition("sophistication", text="unknown"),)),
    Rule("r1", "middle", (Condition("sophistication_score", upper=Decimal(99)),)),
]
SKILL_MARGIN = Margin("sophistication_score", share=False, up=Decimal(5), down=Decimal(10))


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path_factory.getbasetemp() / "laboratory", MODELS)
    dated = "valid_from date, valid_to date"
    bands = [
        (name, band, at, lower, upper, START, None)
        for name, scale in (("value", WORLD.value), ("sophistication", WORLD.skill))
        for at, (band, lower, upper) in enumerate(
            zip(scale.names, [Decimal(0), *scale.edges], [*scale.edges, scale.top], strict=True), 1
        )
    ]
    bounds = "lower_bound decimal(18, 4), upper_bound decimal(18, 4)"
    made.put("bands", f"band_set varchar, band varchar, band_order integer, {bounds}, {dated}", bands)
    made.put(
        "band_sets",
        f"band_set varchar, attribute varchar, scale_lower decimal(18, 4), scale_upper decimal(18, 4), {dated}",
        [
            ("value", "mrr", Decimal(0), WORLD.value.top, START, None),
            ("sophistication", "sophistication_score", Decimal(0), WORLD.skill.top, START, None),
        ],
    )
    made.put("int_snapshots", "snapshot_date date", [(DAY,)])
    made.put(
        "parameters", f"parameter varchar, parameter_value decimal(18, 6), {dated}",
        [("brand_band_lift", Decimal(WORLD.lift), START, None)],
    )  # fmt: skip
    made.put(
        "attributes", f"attribute varchar, age_attribute varchar, maximum_age_days integer, {dated}",
        [("nps_score", "nps_age_days", WORLD.oldest_nps, START, None), ("mrr", None, None, START, None)],
    )  # fmt: skip
    made.run("int_bands")
    yield made
    made.close()


def _put_accounts(laboratory: Laboratory, accounts: list[Facts]) -> None:
    """The inputs of segments, every attribute of the catalogue among them; most are not known."""
    with (ROOT / "seeds" / "policy" / "attributes.csv").open(encoding="utf-8", newline="") as file:
        kinds = {row["attribute"]: row["data_type"] for row in csv.DictReader(file)}
    columns, rows = ["account_id varchar", "snapshot_date date"], []
    kinds = {name: kind for name, kind in kinds.items() if name not in ("value_band", "sophistication")}
    columns += [f"{name} {'varchar' if kind == 'text' else 'decimal(18, 4)'}" for name, kind in kinds.items()]
    columns += ["value_band varchar", "sophistication varchar"]
    for number, facts in enumerate(accounts):
        known = {
            "mrr": facts.mrr, "is_brand": Decimal(facts.is_brand), "sophistication_score": facts.skill,
            "employees": facts.employees, "nps_score": facts.nps, "nps_age_days": Decimal(facts.nps_age or 0),
            "industry": facts.industry,
        }  # fmt: skip
        order, level = WORLD.value.order(facts.mrr), WORLD.skill.order(facts.skill)
        assert order is not None
        band = WORLD.value.names[min(order + facts.is_brand * WORLD.lift, 2)]
        skill = "unknown" if level is None else WORLD.skill.names[level]
        rows.append((f"a{number}", DAY, *(known.get(name) for name in kinds), band, skill))
    laboratory.put("int_segment_inputs", ", ".join(columns), rows)


def _put_policy(laboratory: Laboratory, schemes: list[tuple[list[Rule], str, list[Margin]]]) -> None:
    dated, bounds = "valid_from date, valid_to date", "lower_bound decimal(18, 4), upper_bound decimal(18, 4)"
    named = [(f"s{at}", *scheme) for at, scheme in enumerate(schemes)]
    laboratory.put(
        "segment_schemes", f"segment_scheme varchar, rule_set varchar, {dated}",
        [(name, name, START, None) for name, *_ in named],
    )  # fmt: skip
    laboratory.put(
        "segments", f"segment_scheme varchar, segment varchar, segment_rank integer, {dated}",
        [(name, segment, rank, START, None) for name, *_ in named for segment, rank in RANKS.items()],
    )  # fmt: skip
    laboratory.put(
        "rule_sets", f"rule_set varchar, default_outcome varchar, default_reason varchar, {dated}",
        [(name, default, "None.", START, None) for name, _, default, _ in named],
    )  # fmt: skip
    laboratory.put(
        "rules",
        f"rule_set varchar, rule_id varchar, rule_order integer, outcome varchar, description varchar, {dated}",
        [
            (name, rule.name, at, rule.outcome, "Any.", START, None)
            for name, rules, *_ in named for at, rule in enumerate(rules)
        ],
    )  # fmt: skip
    laboratory.put(
        "rule_conditions",
        f"rule_set varchar, rule_id varchar, attribute varchar, {bounds}, text_value varchar, {dated}",
        [
            (name, rule.name, one.attribute, one.lower, one.upper, one.text, START, None)
            for name, rules, *_ in named for rule in rules for one in rule.conditions
        ],
    )  # fmt: skip
    laboratory.put(
        "segment_margins",
        "segment_scheme varchar, attribute varchar, margin_unit varchar, margin_up decimal(18, 4),"
        f" margin_down decimal(18, 4), {dated}",
        [
            (name, one.attribute, "share" if one.share else "absolute", one.up, one.down, START, None)
            for name, _, _, margins in named for one in margins
        ],
    )  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(accounts=st.lists(FACTS, min_size=60, max_size=120), schemes=SCHEMES)
@example(
    accounts=[Facts(mrr=Decimal(100), skill=Decimal(skill)) for skill in (0, 3, 97, 100)],
    schemes=[(UNKNOWN_IS_LOW, "high", [SKILL_MARGIN])],
)
def test_rules_and_margins_are_those_of_the_reference(
    laboratory: Laboratory, accounts: list[Facts], schemes: list[tuple[list[Rule], str, list[Margin]]]
) -> None:
    _put_accounts(laboratory, accounts)
    _put_policy(laboratory, schemes)
    for model in MODELS[1:]:
        laboratory.run(model)
    chosen = {
        (account, scheme): (outcome, rule)
        for account, scheme, outcome, rule in laboratory.rows(
            "int_segment_candidates", "account_id, segment_scheme, outcome, rule_id"
        )
    }
    within = {
        (account, scheme): (least, most)
        for account, scheme, least, most in laboratory.rows(
            "int_segment_margins", "account_id, segment_scheme, least_rank, most_rank"
        )
    }
    assert len(chosen) == len(accounts) * len(schemes)
    for at, (rules, default, margins) in enumerate(schemes):
        for number, facts in enumerate(accounts):
            key = (f"a{number}", f"s{at}")
            assert chosen[key] == decided(facts, rules, default, WORLD), (facts, rules)
            own = RANKS[chosen[key][0]]
            if own is not None:
                least, most = within.get(key, (None, None))
                found = (own if least is None else min(own, least), own if most is None else max(own, most))
                expected = ranks_within(facts, rules, default, WORLD, margins, RANKS)
                assert found == expected, (facts, rules, margins)
