"""What to measure: the border of the benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from strata.errors import InputError

LEAST_ACCOUNTS = 20
"""Below that the generator makes no company."""


class BenchConfig(BaseModel):
    """Everything that decides what is generated, built and compared.

    Raises pydantic.ValidationError when a value lies outside its range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: int = Field(ge=LEAST_ACCOUNTS, le=1_000_000, description="Accounts of the company at growth factor 1.")
    events: int = Field(ge=100, description="Product events of that company, in all.")
    months: int = Field(default=24, ge=3, le=120, description="Observed months of it.")
    growth: tuple[float, ...] = Field(default=(1, 2, 4), description="Multiples of accounts and events to build.")
    history: tuple[int, ...] = Field(default=(6, 12, 24), description="Months of history to add a day to.")
    increment_accounts: int = Field(ge=LEAST_ACCOUNTS, description="Accounts of the companies that get a day more.")
    days: int = Field(default=1, ge=1, le=30, description="Daily runs after each full build; the median counts.")
    repeats: int = Field(default=1, ge=1, le=20, description="Pairs of build and floor at factor 1; medians count.")
    peers: bool = Field(default=True, description="Compare with polars and PostgreSQL.")
    peer_accounts: tuple[int, ...] = Field(default=(), description="Sizes for the peers; else those of growth.")
    peer_seconds: float = Field(default=300, gt=0, description="A peer that takes longer is stopped.")
    peer_memory_gb: float = Field(default=8, gt=0, description="A peer that needs more is stopped.")
    seed: int = Field(default=7, ge=0, le=2**32 - 1, description="Seed of the companies.")
    keep: bool = Field(default=False, description="Leave raw folders and build files there.")
    out: Path = Field(description="Folder of everything that the benchmark writes.")

    @field_validator("growth")
    @classmethod
    def _with_one(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        """Ascending, without repeats; 1 is always among them, because its build is set against the floor."""
        if any(not 0 < value <= 1000 for value in values):
            raise ValueError("factors lie between 0 and 1000")
        return tuple(sorted({*values, 1.0}))

    @field_validator("history")
    @classmethod
    def _months(cls, values: tuple[int, ...]) -> tuple[int, ...]:
        """Ascending, without repeats; empty leaves the daily increments out."""
        if any(not 3 <= value <= 120 for value in values):
            raise ValueError("months of history lie between 3 and 120")
        return tuple(sorted(set(values)))

    @field_validator("peer_accounts")
    @classmethod
    def _sizes(cls, values: tuple[int, ...]) -> tuple[int, ...]:
        """Ascending, without repeats."""
        if any(value < LEAST_ACCOUNTS for value in values):
            raise ValueError(f"a company has at least {LEAST_ACCOUNTS} accounts")
        return tuple(sorted(set(values)))

    def events_of(self, accounts: int, months: int | None = None) -> int:
        """Product events of a company of another size or history, as many an account and month as the first one has."""
        return max(1, round(self.events * accounts / self.accounts * (months or self.months) / self.months))

    @property
    def growth_sizes(self) -> tuple[int, ...]:
        """Accounts at every factor of growth, ascending."""
        return tuple(sorted({max(LEAST_ACCOUNTS, round(self.accounts * factor)) for factor in self.growth}))

    @property
    def sizes(self) -> tuple[int, ...]:
        """All companies to build whole: those of growth and those of the peers."""
        return tuple(sorted({*self.growth_sizes, *(self.peer_accounts if self.peers else ())}))

    def is_peer_size(self, accounts: int) -> bool:
        """Do the peers run on the company of this size?"""
        return self.peers and accounts in (self.peer_accounts or self.growth_sizes)


def make_config(**values: object) -> BenchConfig:
    """A config from the options of the command. Raises InputError, naming the option, when one is out of range."""
    try:
        return BenchConfig.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + str(first["loc"][0]).replace("_", "-")
        raise InputError(f"{option}: {first['msg']}", "see strata bench --help for what each option may be") from None


def numbers(option: str, text: str) -> Sequence[float]:
    """`1,2,4` as numbers. Raises InputError, naming the option, when it is something else."""
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise InputError(f"{option}: `{text}` is no list of numbers", "write them like 1,2,4") from None
