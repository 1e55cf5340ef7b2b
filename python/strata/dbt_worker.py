"""Runs one dbt command in a process of its own and tells its progress as JSON lines on stdout.

A process of its own, because dbt keeps the build file open until it ends. It also ends when its parent does: the
parent holds the other end of stdin, and the end of that pipe is the parent's end, whatever ended it. So no orphan
writes on after the lock of a killed build is free.
"""

import json
import os
import sys
import threading
from typing import Any


def _tell(kind: str, **values: Any) -> None:
    sys.__stdout__.write(json.dumps({"kind": kind, **values}) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


def _end_with_parent() -> None:
    # Unbuffered: a thread that waits inside Python's own stdin object breaks the interpreter's orderly end.
    while os.read(0, 1024):
        pass
    os._exit(70)


def _on_event(event: Any) -> None:
    if event.info.name == "ConcurrencyLine":
        _tell("total", total=event.data.node_count)
    elif event.info.name == "NodeFinished":
        _tell("done", name=event.data.node_info.node_name)


def main(arguments: list[str]) -> int:
    """Runs dbt with these arguments. 0 when all went well, 1 when nodes failed, 2 when dbt could not run at all."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from dbt.cli.main import dbtRunner

    result = dbtRunner(callbacks=[_on_event]).invoke(arguments)
    if result.exception is not None:
        _tell("broken", message=str(result.exception))
        return 2
    return 0 if result.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
