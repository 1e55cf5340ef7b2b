"""A reader of the published file: `python law_reader.py FILE STOP`. Reads over and over until the file STOP is there.

Every reading opens the file anew and is one line of JSON on stdout: table to [rows, sum of the hashes of its rows], or
{"error": …}. Whoever started it compares them.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

LEDGER = "fct_publications"


def reading(file: Path) -> dict[str, list[int | str]]:
    """Rows and content of every table of the file, whatever the order of the rows; of the ledger the rows alone."""
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main' order by table_name"
        ).fetchall()
        found: dict[str, list[int | str]] = {}
        for (name,) in names:
            content = "0" if name == LEDGER else "coalesce(sum(cast(hash(t) as hugeint)), 0)"
            ((rows, total),) = connection.execute(f"select count(*), {content} from {name} as t").fetchall()
            found[name] = [rows, str(total)]
        return found


def main(file: Path, stop: Path) -> None:
    """Reads until told to stop, and once more after that."""
    last = False
    while not last:
        last = stop.exists()
        try:
            line: object = reading(file)
        except duckdb.Error as error:
            line = {"error": str(error)}
        sys.stdout.write(json.dumps(line) + "\n")
        time.sleep(0.2)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
