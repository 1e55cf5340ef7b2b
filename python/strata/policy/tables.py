"""The policy in memory: one table per seed, and the view of it that is in force on one day."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from strata.errors import Finding, Severity
from strata.policy.models import (
    Attribute,
    Band,
    BandSet,
    Brand,
    CallDisposition,
    ChurnRiskCoefficient,
    CsmPulse,
    CurrencyRate,
    Effort,
    EmailDomain,
    Feature,
    FrictionWindow,
    HealthOverride,
    MatchMethod,
    Milestone,
    Parameter,
    Play,
    PolicyVersion,
    RejectionReason,
    Row,
    Rule,
    RuleCondition,
    RuleSet,
    ScoreComponent,
    ScoreGroup,
    ScoreLimit,
    ScorePoints,
    ScoreProfile,
    ScoreWeight,
    Segment,
    SegmentCrosswalk,
    SegmentMargin,
    SegmentOverride,
    SegmentScheme,
    SegmentStability,
    Stage,
    TitleRole,
    ValidRow,
)

R_co = TypeVar("R_co", bound=Row, covariant=True)

CROSSWALKS = frozenset(
    ("brands", "feature_catalogue", "generic_email_domains", "rejection_reasons", "title_roles", "call_dispositions")
)
"""The tables that lie beside the policy, in the folder of the crosswalks."""


@dataclass(frozen=True)
class Table(Generic[R_co]):
    """The rows of one seed that could be read.

    file: where it lies. sound: every row of it could be read; checks that look across rows wait until it is.
    """

    file: Path
    rows: tuple[R_co, ...]
    sound: bool

    def __iter__(self) -> Iterator[R_co]:
        return iter(self.rows)

    def on(self, day: date) -> "Table[R_co]":
        """The rows in force on that day, the first of each key: a second is a finding of its own, no cause of more."""
        kept: dict[tuple[object, ...], R_co] = {}
        for row in self.rows:
            if row.holds_on(day):
                kept.setdefault(row.identity(), row)
        return replace(self, rows=tuple(kept.values()))

    def fault(
        self, row: Row | None, column: str | None, message: str, remedy: str, severity: Severity = "error"
    ) -> Finding:
        """A finding in this file; row None is the whole file."""
        return Finding(severity, self.file, row.line if row is not None else None, column, message, remedy)


@dataclass(frozen=True)
class Policy:
    """All seeds of the policy, and of the crosswalks beside it."""

    policy_versions: Table[PolicyVersion]
    attributes: Table[Attribute]
    band_sets: Table[BandSet]
    bands: Table[Band]
    rule_sets: Table[RuleSet]
    rules: Table[Rule]
    rule_conditions: Table[RuleCondition]
    score_profiles: Table[ScoreProfile]
    score_groups: Table[ScoreGroup]
    score_components: Table[ScoreComponent]
    score_weights: Table[ScoreWeight]
    score_points: Table[ScorePoints]
    score_limits: Table[ScoreLimit]
    segment_schemes: Table[SegmentScheme]
    segments: Table[Segment]
    segment_stability: Table[SegmentStability]
    segment_margins: Table[SegmentMargin]
    segment_crosswalks: Table[SegmentCrosswalk]
    stages: Table[Stage]
    milestones: Table[Milestone]
    plays: Table[Play]
    efforts: Table[Effort]
    friction_windows: Table[FrictionWindow]
    match_methods: Table[MatchMethod]
    parameters: Table[Parameter]
    currency_rates: Table[CurrencyRate]
    segment_overrides: Table[SegmentOverride]
    health_overrides: Table[HealthOverride]
    csm_pulses: Table[CsmPulse]
    churn_risk_coefficients: Table[ChurnRiskCoefficient]
    brands: Table[Brand]
    feature_catalogue: Table[Feature]
    generic_email_domains: Table[EmailDomain]
    rejection_reasons: Table[RejectionReason]
    title_roles: Table[TitleRole]
    call_dispositions: Table[CallDisposition]

    @classmethod
    def models(cls) -> dict[str, type[Row]]:
        """What a row of every table is, by the table's name, in reading order."""
        return {name: get_args(table)[0] for name, table in get_type_hints(cls).items()}

    def tables(self) -> dict[str, Table[Any]]:
        """Every table by its name, in reading order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def on(self, day: date) -> "Policy":
        """The policy in force on that day."""
        return replace(self, **{name: table.on(day) for name, table in self.tables().items()})

    def change_days(self) -> tuple[date, ...]:
        """Every day on which the policy may differ from the day before, from the first version on."""
        if not self.policy_versions.rows:
            return ()
        first = min(version.valid_from for version in self.policy_versions)
        days = {version.valid_from for version in self.policy_versions}
        for table in self.tables().values():
            for row in table:
                if isinstance(row, ValidRow) and row.follows_versions:
                    days.add(row.valid_from)
                    if row.valid_to is not None:
                        days.add(row.valid_to)
        last = max((version.valid_to for version in self.policy_versions if version.valid_to is not None), default=None)
        still_open = any(version.valid_to is None for version in self.policy_versions)
        return tuple(sorted(day for day in days if day >= first and (still_open or last is None or day < last)))
