"""Runs a child process and says what it cost: time, work of the processors, peak of memory.

The peak is the kernel's own high-water mark of the process, read while it lives (Linux); elsewhere what wait4 says. On
Linux that would not do: it starts with the size of the parent.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

Stopped = Literal["time", "memory"]

_SAMPLE_SECONDS = 0.05
_LAST_WORDS = 4000


@dataclass(frozen=True)
class Cost:
    """What a process took. seconds: wall clock from start to end; cpu_seconds: user and system; peak_mb: most resident
    memory at once.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Ran:
    """A process that has ended. code: its exit code, negative for a signal; stopped: what limit ended it; None when it
    ended by itself. words: the end of its stderr.
    """

    code: int
    cost: Cost
    stopped: Stopped | None
    words: str


def typical(costs: Sequence[Cost]) -> Cost:
    """Medians of each part over repeated runs."""
    return Cost(
        seconds=median(cost.seconds for cost in costs),
        cpu_seconds=median(cost.cpu_seconds for cost in costs),
        peak_mb=median(cost.peak_mb for cost in costs),
    )


def run_measured(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    on_line: Callable[[str], None] | None = None,
    seconds: float | None = None,
    memory_mb: float | None = None,
) -> Ran:
    """Runs a command to its end. environment: all of it; on_line: hears every line of its stdout.

    seconds, memory_mb: a process that goes beyond is killed.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        watch = _Watch(child, started, seconds, memory_mb)
        words: list[str] = []
        listener = threading.Thread(target=_listen, args=(child, words), daemon=True)
        listener.start()
        watch.start()
        try:
            assert child.stdout is not None
            for line in child.stdout:
                if on_line is not None:
                    on_line(line)
            # Waits without reaping, so that the watch never looks at a stranger with the same number.
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        except BaseException:
            child.kill()
            raise
        finally:
            watch.end()
        _, status, used = os.wait4(child.pid, 0)
        ended = time.perf_counter()
        child.returncode = os.waitstatus_to_exitcode(status)
        listener.join(timeout=5)
    peak_kb = watch.peak_kb or used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    cost = Cost(ended - started, used.ru_utime + used.ru_stime, peak_kb / 1024)
    return Ran(child.returncode, cost, watch.stopped, "".join(words)[-_LAST_WORDS:].strip())


def _listen(child: subprocess.Popen[str], words: list[str]) -> None:
    assert child.stderr is not None
    words.extend(child.stderr)


class _Watch:
    """Reads the peak of a process until it is told to end, and kills the process at its limits."""

    def __init__(
        self, child: subprocess.Popen[str], started: float, seconds: float | None, memory_mb: float | None
    ) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._child, self._began = child, started
        self._seconds, self._memory_mb = seconds, memory_mb
        self._status = Path(f"/proc/{child.pid}/status")
        self._over = threading.Event()
        self.peak_kb = 0
        self.stopped: Stopped | None = None

    def start(self) -> None:
        """Looks from now on."""
        self._thread.start()

    def end(self) -> None:
        """No more looks at the process after this."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            self._sample()
            if self._seconds is not None and time.perf_counter() - self._began > self._seconds:
                self._stop("time")
            elif self._memory_mb is not None and self.peak_kb > self._memory_mb * 1024:
                self._stop("memory")

    def _stop(self, limit: Stopped) -> None:
        self.stopped = self.stopped or limit
        self._child.kill()

    def _sample(self) -> None:
        try:
            text = self._status.read_text(encoding="ascii", errors="replace")
        except OSError:
            return
        for line in text.splitlines():
            if line.startswith("VmHWM:"):
                self.peak_kb = max(self.peak_kb, int(line.split()[1]))
