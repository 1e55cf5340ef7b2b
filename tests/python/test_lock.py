"""Two builds of one warehouse stay apart, and a lock ends with its process."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from strata.errors import LockedError, PublishError
from strata.lock import HOLDER_FILE, build_lock

HOLD = """
import sys
from pathlib import Path
from strata.lock import build_lock
with build_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(warehouse: Path) -> subprocess.Popen[str]:
    """A process that holds the lock until its stdin closes."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_second_build_is_told_who_is_at_work(tmp_path: Path) -> None:
    holder = hold(tmp_path)
    started_at = json.loads((tmp_path / HOLDER_FILE).read_text())["started_at"]
    with pytest.raises(LockedError) as refused, build_lock(tmp_path):
        pass
    holder.communicate("")
    assert f"process {holder.pid}, started {started_at}" in refused.value.message
    assert refused.value.exit_code == 1
    assert "wait until it has ended" in refused.value.remedy


def test_lock_is_free_after_its_holder_ends(tmp_path: Path) -> None:
    hold(tmp_path).communicate("")
    with build_lock(tmp_path):
        assert json.loads((tmp_path / HOLDER_FILE).read_text())["pid"] == os.getpid()
    assert not (tmp_path / HOLDER_FILE).exists()


def test_lock_is_free_after_its_holder_is_killed(tmp_path: Path) -> None:
    holder = hold(tmp_path)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    # The note of the dead holder is still there and must not matter.
    assert (tmp_path / HOLDER_FILE).exists()
    with build_lock(tmp_path):
        assert json.loads((tmp_path / HOLDER_FILE).read_text())["pid"] == os.getpid()


def test_a_note_that_cannot_be_written_is_one_message_and_leaves_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(path: Path, *_: object, **__: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", fill)
        with pytest.raises(PublishError, match="No space left on device") as refused, build_lock(tmp_path):
            pass
    assert "see that there is space" in refused.value.remedy
    assert list(tmp_path.glob(f"{HOLDER_FILE}*")) == []
    with build_lock(tmp_path):
        pass


def test_other_warehouses_are_not_locked(tmp_path: Path) -> None:
    with build_lock(tmp_path / "one"), build_lock(tmp_path / "other"):
        assert (tmp_path / "one" / HOLDER_FILE).exists()
        assert (tmp_path / "other" / HOLDER_FILE).exists()
