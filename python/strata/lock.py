"""Keeps two builds of one warehouse apart.

The lock is the operating system's own on an open file: it ends with the process, however the process ends, so a killed
build leaves nothing for a person to clean up. Beside it lies a note of who holds it, for the message alone.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from strata.errors import LockedError, PublishError

LOCK_FILE = ".strata.lock"
HOLDER_FILE = ".strata.lock.json"


@contextmanager
def build_lock(warehouse: Path) -> Iterator[None]:
    """Holds the warehouse for one build.

    Raises LockedError at once, naming the holder's pid and start, when another process has it, and PublishError when
    the folder cannot be written.
    """
    lock = FileLock(warehouse / LOCK_FILE)
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
        _leave_note(warehouse)
    except Timeout:
        raise LockedError(
            f"another build is at work in {warehouse}: {_holder(warehouse)}",
            "wait until it has ended, or build into another folder with --warehouse",
        ) from None
    except OSError as error:
        lock.release()
        raise PublishError(
            f"cannot write in {warehouse}: {error.strerror or error}",
            "see that there is space and that the folder is writable, or choose another with --warehouse",
        ) from error
    try:
        yield
    finally:
        # A note that cannot be taken away says nothing: without the lock nobody reads it.
        with suppress(OSError):
            (warehouse / HOLDER_FILE).unlink(missing_ok=True)
        lock.release()


@contextmanager
def folder_lock(folder: Path, taken: str) -> Iterator[None]:
    """Holds a folder that is there for one process. Raises LockedError with what `taken` says when another has it."""
    lock = FileLock(folder / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LockedError(taken, "wait until it has ended, or name another folder with --out") from None
    try:
        yield
    finally:
        lock.release()


def _leave_note(warehouse: Path) -> None:
    note = {"pid": os.getpid(), "started_at": datetime.now(UTC).isoformat(timespec="seconds")}
    unfinished = warehouse / f"{HOLDER_FILE}.{os.getpid()}"
    try:
        unfinished.write_text(json.dumps(note), encoding="utf-8")
        unfinished.replace(warehouse / HOLDER_FILE)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def _holder(warehouse: Path) -> str:
    try:
        note = json.loads((warehouse / HOLDER_FILE).read_text(encoding="utf-8"))
        return f"process {note['pid']}, started {note['started_at']}"
    except (OSError, ValueError, KeyError):
        return "a process that has only just started"
