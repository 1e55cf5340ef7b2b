"""Rows that come late: a raw folder that lacks one row in forty of every table, whichever day it is about.

Building on it first and then on the whole folder is what a warehouse sees when corrections arrive after their day.
"""

from pathlib import Path

import duckdb

from strata.errors import InputError
from strata.gate.sources import read_sources
from strata.project import Project
from strata.sql import literal

ONE_IN = 40


def hold_back(project: Project, into: Path) -> int:
    """Writes the raw tables of the project under `into`, laid out as they are, without the late rows.

    Returns how many rows are held back. Which ones depends on their content alone. Raises InputError when a table
    cannot be read.
    """
    late = 0
    with duckdb.connect() as connection:
        for table in read_sources(project):
            pattern = Path(table.paths[0])
            # part-*.parquet -> part-0.parquet, invoices.csv* -> invoices.csv
            name = pattern.name.replace("*.", "part-0.").replace("*", "")
            target = into / (pattern.parent / name).relative_to(project.raw_dir)
            target.parent.mkdir(parents=True, exist_ok=True)
            kind = "parquet" if name.endswith(".parquet") else "csv, header true"
            is_late = f"md5_number_lower(cast(landed as varchar)) % {ONE_IN} = 0"
            try:
                row = connection.execute(f"select count(*) from {table.location} as landed where {is_late}").fetchone()
                connection.execute(
                    f"copy (select * from {table.location} as landed where not ({is_late}))"
                    f" to {literal(str(target))} (format {kind})"
                )
            except duckdb.Error as error:
                raise InputError(f"{table.label} cannot be read: {str(error).splitlines()[0]}") from error
            late += 0 if row is None else int(row[0])
    return late
