"""What can go wrong, in words that say where it is and what to do.

Exit codes: 0 fine, 1 the input, the policy or the result was found wanting, 2 something is broken.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing found wrong in the input, the policy or the result, and its remedy.

    severity: `error` stops the run, `warning` is told and the run goes on.
    file: the file or table at fault; None when it is none in particular.
    row: in a policy seed the line of the file (header 1), in a raw table the row of data from 1; None when it is
    the whole file.
    column: column at fault; None when it is the whole row.
    message: what is wrong, without values that could be personal data.
    remedy: what a person can do about it.
    """

    severity: Severity
    file: Path | None
    row: int | None
    column: str | None
    message: str
    remedy: str

    def where(self) -> str:
        """`file, row n, column c`, as far as it is known; empty when nothing is."""
        parts = [
            str(self.file) if self.file is not None else "",
            f"row {self.row}" if self.row is not None else "",
            f"column `{self.column}`" if self.column is not None else "",
        ]
        return ", ".join(part for part in parts if part)


class StrataError(Exception):
    """An expected failure: shown as one message and a remedy, never as a traceback.

    Exit code 2: something that Strata itself needs is broken or absent.
    """

    exit_code = 2

    def __init__(self, message: str, remedy: str = "", findings: Sequence[Finding] = ()) -> None:
        """message: what went wrong; remedy: what to do; findings: the details, one each, when there are several."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.findings = tuple(findings)


class InputError(StrataError):
    """What the user gave (an option, a file, the raw data, the policy) cannot be used. Exit code 1."""

    exit_code = 1


class LockedError(StrataError):
    """Another process holds what this one needs. Exit code 1: nothing is broken, try again later."""

    exit_code = 1


class BuildError(StrataError):
    """dbt refused to run or could not finish. Exit code 2."""


class AuditError(StrataError):
    """The tables were built and break a law or a test. Exit code 1; nothing was published."""

    exit_code = 1


class PublishError(StrataError):
    """The audited tables could not be put in place. Exit code 2; readers keep what they had."""


@contextmanager
def writing(path: Path, remedy: str, broken: type[StrataError] = InputError) -> Iterator[None]:
    """Around what writes a file, or into a folder: what the system refuses is an expected failure.

    broken: what it then is; InputError where somebody named the path.
    """
    try:
        yield
    except OSError as error:
        raise broken(f"{path} cannot be written: {error.strerror or error}", remedy) from error
