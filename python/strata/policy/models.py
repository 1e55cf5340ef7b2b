"""One model per seed: its columns, the kind of cell each holds, and what identifies a row."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from strata.policy.cells import (
    Bit,
    Bound,
    Count,
    CurrencyCode,
    Day,
    DayOffset,
    Days,
    DaysFromZero,
    Digits,
    Domain,
    Flag,
    Hours,
    Keyword,
    Money,
    Name,
    Number,
    Order,
    Points,
    PositiveShare,
    Rate,
    Score,
    Share,
    SnakeName,
    Text,
    Weight,
)

ScoreModel = Literal["health", "sophistication"]


class Row(BaseModel):
    """One row of a seed.

    line: line of the file it begins on; the header is line 1.
    file_name: the seed. key: columns that identify a row (at any one day, where rows have a validity).
    may_be_empty: a company can do without any row. private: columns whose values are never repeated in a message.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_name: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    may_be_empty: ClassVar[bool] = False
    private: ClassVar[frozenset[str]] = frozenset()

    line: int

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The columns of the file, in order."""
        return tuple(name for name in cls.model_fields if name != "line")

    def identity(self) -> tuple[object, ...]:
        """The values of the key columns."""
        return tuple(getattr(self, column) for column in self.key)

    def holds_on(self, day: date) -> bool:
        """Is the row in force on that day? Rows without validity always are."""
        return True


class ValidRow(Row):
    """A row in force from valid_from (inclusive) to valid_to (exclusive, empty while it lasts).

    follows_versions: it may only begin and end where a policy version does.
    """

    follows_versions: ClassVar[bool] = True

    valid_from: Day
    valid_to: Day | None = None
    policy_version: Name

    def holds_on(self, day: date) -> bool:
        """Is the row in force on that day?"""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class PolicyVersion(Row):
    """One row per version of the policy: since when it is in force, who decided it and why."""

    file_name = "policy_versions.csv"
    key = ("policy_version",)
    private = frozenset({"author"})

    policy_version: Name
    valid_from: Day
    valid_to: Day | None = None
    author: Text
    note: Text


class Attribute(ValidRow):
    """One row per attribute that policy may use; each is a column of account_features or a result derived from it."""

    file_name = "attributes.csv"
    key = ("attribute",)

    attribute: SnakeName
    data_type: Literal["number", "text", "flag"]
    unit: Text | None = None
    definition: Text
    source_tables: Text
    age_attribute: SnakeName | None = None
    maximum_age_days: Days | None = None


class BandSet(ValidRow):
    """One row per scale that is cut into bands. An empty end of the scale is unbounded.

    hysteresis: how far a value must pass an edge before the band changes, in the unit of the attribute.
    """

    file_name = "band_sets.csv"
    key = ("band_set",)

    band_set: Name
    attribute: Name
    scale_lower: Bound | None = None
    scale_upper: Bound | None = None
    hysteresis: Bound | None = None
    description: Text


class Band(ValidRow):
    """One row per band of a scale: half-open [lower_bound, upper_bound), the top one closed at the end of the scale."""

    file_name = "bands.csv"
    key = ("band_set", "band")

    band_set: Name
    band: Name
    band_order: Order
    lower_bound: Bound | None = None
    upper_bound: Bound | None = None


class RuleSet(ValidRow):
    """One row per ordered list of rules, with the outcome when none of them matches."""

    file_name = "rule_sets.csv"
    key = ("rule_set",)

    rule_set: Name
    default_outcome: Name
    default_reason: Text
    description: Text


class Rule(ValidRow):
    """One row per rule; the first in rule_order whose conditions all hold gives the outcome."""

    file_name = "rules.csv"
    key = ("rule_set", "rule_id")

    rule_set: Name
    rule_id: Name
    rule_order: Order
    outcome: Name
    description: Text


class RuleCondition(ValidRow):
    """One row per condition: a number or flag in [lower_bound, upper_bound), or a text equal to text_value."""

    file_name = "rule_conditions.csv"
    key = ("rule_set", "rule_id", "attribute", "lower_bound", "upper_bound", "text_value")

    rule_set: Name
    rule_id: Name
    attribute: Name
    lower_bound: Bound | None = None
    upper_bound: Bound | None = None
    text_value: Text | None = None


class ScoreProfile(ValidRow):
    """One row per set of weights; no score below coverage_floor (share of the weight that had fresh data)."""

    file_name = "score_profiles.csv"
    key = ("profile",)

    score_model: ScoreModel
    profile: Name
    coverage_floor: Share
    description: Text


class ScoreGroup(ValidRow):
    """One row per profile × group: its weight in per cent of the score."""

    file_name = "score_groups.csv"
    key = ("profile", "component_group")

    profile: Name
    component_group: Name
    weight: Weight


class ScoreComponent(ValidRow):
    """One row per component: the attribute it scores, which way is better, and when it does not count."""

    file_name = "score_components.csv"
    key = ("component",)

    score_model: ScoreModel
    component: Name
    component_group: Name
    attribute: Name
    per_attribute: Name | None = None
    peer_scheme: Name | None = None
    direction: Literal["higher_is_better", "lower_is_better"]
    threshold_attribute: Name | None = None
    applies_attribute: Name | None = None
    evidence_attribute: Name | None = None
    minimum_evidence: Bound | None = None
    age_attribute: Name | None = None
    maximum_age_days: Days | None = None
    description: Text


class ScoreWeight(ValidRow):
    """One row per profile × component: its weight in per cent of its group."""

    file_name = "score_weights.csv"
    key = ("profile", "component")

    profile: Name
    component: Name
    weight: Weight


class ScorePoints(ValidRow):
    """One row per piece of a component's curve: points (0 to 100) at its two ends, linear between.

    Below the first piece its points at the lower bound hold, so every piece has a lower bound. threshold_from and
    threshold_to, half-open, say for which values of the component's threshold_attribute the curve is.
    """

    file_name = "score_points.csv"
    key = ("component", "threshold_from", "lower_bound")

    component: Name
    threshold_from: Bound | None = None
    threshold_to: Bound | None = None
    lower_bound: Bound
    upper_bound: Bound | None = None
    points_at_lower: Points
    points_at_upper: Points


class ScoreLimit(ValidRow):
    """One row per hard rule of the health score: a cap or floor while its attribute is in [lower, upper)."""

    file_name = "score_limits.csv"
    key = ("score_limit",)
    may_be_empty = True

    score_limit: SnakeName
    limit_kind: Literal["cap", "floor"]
    limit_score: Points
    attribute: Name
    lower_bound: Bound | None = None
    upper_bound: Bound | None = None
    description: Text


class SegmentScheme(ValidRow):
    """One row per way to segment the accounts, with the rule set that does it."""

    file_name = "segment_schemes.csv"
    key = ("segment_scheme",)

    segment_scheme: Name
    rule_set: Name
    follows_parent: Flag
    description: Text


class Segment(ValidRow):
    """One row per scheme × segment: how its accounts are engaged and what that costs."""

    file_name = "segments.csv"
    key = ("segment_scheme", "segment")

    segment_scheme: Name
    segment: Name
    segment_order: Order
    segment_rank: Order | None = None
    description: Text
    touch: Name | None = None
    main_channel: Text | None = None
    touch_cadence_days: Days | None = None
    review_cadence_days: Days | None = None
    onboarding: Text | None = None
    owner_seniority: Text | None = None
    self_service_share: Share | None = None
    first_response_hours: Hours | None = None
    cost_per_hour: Money | None = None
    accounts_per_csm: Count | None = None


class SegmentStability(ValidRow):
    """One row per scheme whose segments are kept from flipping; a scheme without one follows its rules at once."""

    file_name = "segment_stability.csv"
    key = ("segment_scheme",)
    may_be_empty = True

    segment_scheme: Name
    confirmed_by: Literal["snapshots", "margin", "either"]
    confirm_up_snapshots: Count
    confirm_down_snapshots: Count
    minimum_tenure_days: Days | None = None
    takes_effect: Literal["at_once", "month_start", "quarter_start"]


class SegmentMargin(ValidRow):
    """One row per scheme × attribute: how far its value has to pass an edge before that confirms a change."""

    file_name = "segment_margins.csv"
    key = ("segment_scheme", "attribute")
    may_be_empty = True

    segment_scheme: Name
    attribute: Name
    margin_unit: Literal["absolute", "share"]
    margin_up: Bound
    margin_down: Bound


class SegmentCrosswalk(ValidRow):
    """One row per segment × segment of another scheme that go together."""

    file_name = "segment_crosswalks.csv"
    key = ("segment_scheme", "segment", "other_scheme", "other_segment")
    may_be_empty = True

    segment_scheme: Name
    segment: Name
    other_scheme: Name
    other_segment: Name


class Stage(ValidRow):
    """One row per stage of the journey."""

    file_name = "stages.csv"
    key = ("stage",)

    stage: Name
    stage_order: Order
    description: Text
    stage_kind: Literal["before", "path", "side", "end"]
    stall_after_days: Days | None = None
    stall_percentile: PositiveShare | None = None


class Milestone(ValidRow):
    """One row per milestone of the journey: what has to happen for the first time."""

    file_name = "milestones.csv"
    key = ("milestone",)

    milestone: Name
    milestone_order: Order
    milestone_event: Literal[
        "trial", "contract", "use", "feature", "core_feature", "value", "invoice", "expansion", "renewal", "churn"
    ]
    feature: Name | None = None
    description: Text


class Play(ValidRow):
    """One row per play: what to do for an account when a rule of its rule set matches, by whom and until when."""

    file_name = "plays.csv"
    key = ("play",)

    play: Name
    rule_set: Name
    play_group: Name
    priority: Order
    owner_role: Name
    action: Text
    due_days: Days
    cool_down_days: Days


class Effort(ValidRow):
    """One row per kind of work: how long it takes."""

    file_name = "efforts.csv"
    key = ("effort",)

    effort: Name
    minutes: Count
    description: Text


class FrictionWindow(ValidRow):
    """One row per stretch of days around a milestone, from from_day (inclusive) to until_day (exclusive)."""

    file_name = "friction_windows.csv"
    key = ("friction_window",)
    may_be_empty = True

    friction_window: Name
    milestone: Name
    window_order: Order
    from_day: DayOffset
    until_day: DayOffset
    description: Text


class MatchMethod(ValidRow):
    """One row per way to match a source entity to an account, tried in match_order."""

    file_name = "match_methods.csv"
    key = ("match_method",)

    match_method: Name
    match_order: Order
    confidence: PositiveShare
    description: Text


class Parameter(ValidRow):
    """One row per single number of the business that has no table of its own."""

    file_name = "parameters.csv"
    key = ("parameter",)

    parameter: Name
    parameter_value: Number
    unit: Text
    description: Text


class CurrencyRate(ValidRow):
    """One row per currency × validity: minor units and the price of one unit in the reporting currency."""

    file_name = "currency_rates.csv"
    key = ("currency",)
    follows_versions = False

    currency: CurrencyCode
    minor_unit_digits: Digits
    rate_to_reporting: Rate


class Override(Row):
    """What the two overrides share: a person sets a result for one account, from starts_on to before ends_on."""

    key = ("override_id",)
    may_be_empty = True
    private = frozenset({"account_id", "author", "reason"})

    override_id: Text
    account_id: Text
    author: Text
    reason: Text
    starts_on: Day
    ends_on: Day
    policy_version: Name


class SegmentOverride(Override):
    """One row per pin of an account to a segment of a scheme."""

    file_name = "segment_overrides.csv"

    segment_scheme: Name
    segment: Name


class HealthOverride(Override):
    """One row per health score, or band of it, set by a person for an account."""

    file_name = "health_overrides.csv"

    health_score: Score | None = None
    health_band: Name | None = None


class CsmPulse(Row):
    """One row per judgement of a manager on how an account is, from given_on to before expires_on."""

    file_name = "csm_pulses.csv"
    key = ("pulse_id",)
    may_be_empty = True
    private = frozenset({"account_id", "author", "reason"})

    pulse_id: Text
    account_id: Text
    pulse: Score
    author: Text
    reason: Text
    given_on: Day
    expires_on: Day
    policy_version: Name


class ChurnRiskCoefficient(ValidRow):
    """One row per term of a model of the churn risk × validity. Its days are those of its fit, not of a version."""

    file_name = "churn_risk_coefficients.csv"
    key = ("term",)
    may_be_empty = True
    follows_versions = False

    risk_model: Name
    term: SnakeName
    coefficient: Number
    value_when_missing: Share
    lead_days: DaysFromZero
    horizon_days: Days
    fitted_until: Day


class Brand(ValidRow):
    """One row per domain of a well-known logo × validity."""

    file_name = "brands.csv"
    key = ("domain",)
    may_be_empty = True
    follows_versions = False

    domain: Domain
    brand: Text


class Feature(Row):
    """One row per event of a source system: the feature it uses, as one bit of a set, and what kind of use it is."""

    file_name = "feature_catalogue.csv"
    key = ("source_system", "event_name")

    source_system: Name
    event_name: Text
    feature: Name | None = None
    feature_bit: Bit
    is_core: Flag
    is_advanced: Flag
    is_admin: Flag
    is_self_service: Flag
    is_failure: Flag


class EmailDomain(Row):
    """One row per domain of a public mail provider, which says nothing about the company behind an address."""

    file_name = "generic_email_domains.csv"
    key = ("domain",)
    may_be_empty = True

    domain: Domain


class RejectionReason(Row):
    """One row per reason for which staging may put a raw row aside."""

    file_name = "rejection_reasons.csv"
    key = ("reason",)

    reason: SnakeName
    category: Literal["broken", "duplicate", "deleted"]
    description: Text
    remedy: Text


class TitleRole(Row):
    """One row per keyword of a job title: the role it tells; the highest priority wins."""

    file_name = "title_roles.csv"
    key = ("keyword",)
    may_be_empty = True

    keyword: Keyword
    contact_role: Literal["executive", "decision_maker", "champion", "user"]
    priority: Order


class CallDisposition(Row):
    """One row per keyword of a call's outcome: did the customer take part; the highest priority wins."""

    file_name = "call_dispositions.csv"
    key = ("keyword",)
    may_be_empty = True

    keyword: Keyword
    is_two_way: Flag
    priority: Order
