"""The names by which the SQL models reach into the policy: without them it has a hole, with others dead rows."""

from dataclasses import dataclass
from decimal import Decimal

HEALTH_MODEL = "health"
SKILL_MODEL = "sophistication"
SKILL_PROFILE = "sophistication"
NOT_SCORED = "not_scored"

TOUCH_SCHEME = "touch_model"
STAGE_RULE_SET = "journey_stage"
PROFILE_RULE_SET = "health_profile"
# The rule sets that models name; those of the segment schemes are evaluated whatever they are called.
RULE_SETS = (TOUCH_SCHEME, STAGE_RULE_SET, PROFILE_RULE_SET)
RESERVED_RULE_IDS = frozenset({"default", "override", "held", "parent"})
# What public tables call the rows beside the schemes and segments of the policy.
RESERVED_SCHEMES = frozenset({"total"})
RESERVED_SEGMENTS = frozenset({"no_segment", "unmatched", "all_accounts"})

VALUE_BANDS = "value"
SKILL_BANDS = "sophistication"
HEALTH_BANDS = "health"
UNKNOWN_SKILL = "unknown"

# Band set -> what the models cut by it. The last three are results of scoring and no attributes of an account.
BANDED = {
    VALUE_BANDS: "mrr",
    SKILL_BANDS: "sophistication_score",
    "revenue_trend": "mrr_change_90d",
    "health": "health_score",
    "health_trend": "health_score_change",
    "confidence": "coverage",
}

IS_CUSTOMER = "is_customer"
VALUE_BAND = "value_band"
SKILL_BAND = "sophistication"
# Band set -> the text of its bands that rules may name.
BAND_OF = {VALUE_BANDS: VALUE_BAND, SKILL_BANDS: SKILL_BAND}
STAGE = "stage"
# The one stage that a model names: who is in it is at risk.
AT_RISK_STAGE = "at_risk"
SEGMENT = "segment"
HEALTH_BAND = "health_band"
SKILL_SEGMENT = "skill_segment"
SKILL_SCHEME = "sophistication"
# What takes time: activities by their type, tickets, and what an engagement model owes.
EFFORTS = ("call", "meeting", "email", "task", "ticket", "owed_touch", "owed_review")
# What the rules of a play lead to, and its default.
PLAY_OUTCOMES = ("due", "rest")

# Results that become known only after the step that would use them (macros/policy/attributes.sql has the phases).
TOO_LATE_FOR_STAGES_AND_SEGMENTS = frozenset({STAGE, SEGMENT})
KNOWN_TO_PLAYS_ALONE = frozenset({
    "health_score", "health_score_change", HEALTH_BAND, "days_in_stage", "stage_is_stalled", SKILL_SEGMENT,
    "touch_days_overdue", "review_days_overdue",
})  # fmt: skip
TOO_LATE_FOR_SCORE_MODEL = {SKILL_MODEL: frozenset({"sophistication_score"})}


@dataclass(frozen=True)
class Range:
    """What a parameter may be: from lower to upper, both inclusive; whole when it counts things."""

    lower: Decimal
    upper: Decimal
    whole: bool


PARAMETERS = {
    "brand_band_lift": Range(Decimal(0), Decimal(10), whole=True),
    "first_value_seat_share": Range(Decimal("0.0001"), Decimal(1), whole=False),
    "health_trend_days": Range(Decimal(1), Decimal(366), whole=True),
    "renewal_term_months": Range(Decimal(1), Decimal(120), whole=True),
    "renewal_near_days": Range(Decimal(1), Decimal(366), whole=True),
    "paid_gap_days": Range(Decimal(0), Decimal(366), whole=True),
    "invoice_rounding": Range(Decimal(0), Decimal(1000), whole=False),
    "attention_window_days": Range(Decimal(1), Decimal(366), whole=True),
    "over_served_ratio": Range(Decimal(1), Decimal(100), whole=False),
    "neglected_share": Range(Decimal(0), Decimal(1), whole=False),
    "capacity_hours_a_week": Range(Decimal(1), Decimal(168), whole=False),
    "capacity_weeks": Range(Decimal(1), Decimal(53), whole=True),
    "capacity_customer_share": Range(Decimal("0.01"), Decimal(1), whole=False),
    "capacity_availability": Range(Decimal("0.01"), Decimal(1), whole=False),
    "friction_minimum_tickets": Range(Decimal(1), Decimal(1_000_000), whole=True),
    "friction_minimum_accounts": Range(Decimal(2), Decimal(1_000_000), whole=True),
    "friction_level": Range(Decimal("0.000001"), Decimal("0.5"), whole=False),
    "friction_base_days": Range(Decimal(1), Decimal(3_650), whole=True),
    "friction_watch_days": Range(Decimal(0), Decimal(3_650), whole=True),
    "friction_way_out_days": Range(Decimal(0), Decimal(3_650), whole=True),
    "override_judged_days": Range(Decimal(0), Decimal(730), whole=True),
    "stall_minimum_exits": Range(Decimal(1), Decimal(1_000_000), whole=True),
    "minimum_peers": Range(Decimal(2), Decimal(1_000_000), whole=True),
    "maximum_segments": Range(Decimal(1), Decimal(100), whole=True),
    "validation_interval_days": Range(Decimal(1), Decimal(366), whole=True),
    "validation_lead_days": Range(Decimal(0), Decimal(730), whole=True),
    "validation_horizon_days": Range(Decimal(1), Decimal(730), whole=True),
    "validation_minimum_churned": Range(Decimal(2), Decimal(10_000), whole=True),
    "validation_gate_lift": Range(Decimal(1), Decimal(100), whole=False),
    "validation_interval_width": Range(Decimal("0.5"), Decimal(5), whole=False),
}
