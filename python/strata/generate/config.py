"""What to generate, and what came out: the border of the generator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from strata.errors import InputError

ProgressCallback = Callable[[str, int, int], None]
"""Called as (stage, steps done, steps in all) whenever a step ends."""

BLOCK_ACCOUNTS = 50
"""Accounts whose product events share one random stream. Fixed, so that the size of a chunk changes no row."""


class GenerateError(InputError):
    """The generator refused to run: an option is out of range, or the folder is not its own. Exit code 1."""


class GenerateConfig(BaseModel):
    """Everything that decides the content of a generated company. Two equal configs give byte-identical tables.

    Raises pydantic.ValidationError when a value lies outside its range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: int = Field(default=1_000, ge=20, le=1_000_000, description="Companies in the CRM, prospects included.")
    months: int = Field(default=24, ge=3, le=120, description="Observed calendar months, the last one holds as_of.")
    seed: int = Field(default=7, ge=0, le=2**32 - 1, description="Seed of every random stream.")
    as_of: dt.date = Field(default=dt.date(2026, 6, 30), description="Last observed day, UTC.")
    out: Path = Field(default=Path("raw"), description="Folder that receives <system>/<table>/part-*.parquet.")
    events_per_account: float = Field(
        default=1_000.0, gt=0, le=100_000, description="Mean product events per account and 24 observed months."
    )
    events_per_visit: float = Field(
        default=1.0, ge=1, le=100, description="Mean product events of a user who is there; 1: each event stands alone."
    )
    usage_signal: bool = Field(
        default=True, description="False: use neither follows the hidden state nor fades before a churn."
    )
    chunk_accounts: int = Field(
        default=1_000, ge=1, le=100_000, description="Accounts whose events go into one file; changes no row."
    )
    force: bool = Field(default=False, description="Replace a folder that this generator did not write.")

    @field_validator("as_of")
    @classmethod
    def _plausible(cls, value: dt.date) -> dt.date:
        """Refuse days that would put the company before 2005, where staging holds dates for implausible."""
        if not dt.date(2016, 1, 1) <= value <= dt.date(2100, 1, 1):
            raise ValueError("as_of must lie between 2016-01-01 and 2100-01-01")
        return value

    def content(self) -> dict[str, object]:
        """The part of the config that decides the rows; stands in the manifest."""
        return {
            "accounts": self.accounts,
            "months": self.months,
            "seed": self.seed,
            "as_of": self.as_of.isoformat(),
            "events_per_account": self.events_per_account,
            "events_per_visit": self.events_per_visit,
            **({} if self.usage_signal else {"usage_signal": False}),
        }


@dataclass(frozen=True)
class GenerateReport:
    """What one run wrote. rows: "<system>.<table>" (and "_truth.<table>") to number of rows; seconds: wall clock."""

    out: Path
    rows: Mapping[str, int]
    seconds: float

    def as_json(self) -> dict[str, object]:
        """The report as plain JSON values."""
        return {"out": str(self.out), "seconds": round(self.seconds, 2), "rows": dict(self.rows)}
