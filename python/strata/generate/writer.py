"""Writes the tables: into a temporary folder beside the target, put in its place in one step at the end."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from strata.errors import writing
from strata.generate.config import GenerateConfig, GenerateError
from strata.generate.schemas import SCHEMAS, TableKey

MANIFEST = "manifest.json"
GENERATOR = "strata generate"
FORMAT = 1
ROW_GROUP = 262_144
ROWS_A_FILE = 4_194_304


class TableWriter:
    """Appends to one table as numbered part files; rows are gathered into row groups of about ROW_GROUP rows."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self._folder, self._schema = folder, schema
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._parts = 0
        self.rows = 0
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, table: pa.Table) -> None:
        """Adds rows; they must have exactly the schema of the table."""
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        self.rows += table.num_rows
        if self._waiting_rows >= ROW_GROUP:
            self._flush()

    def next_part(self) -> None:
        """Closes the current file; the next rows go into a new one."""
        self._flush()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def close(self) -> None:
        """Closes the last file. A table without rows still gets a file, so that readers find its columns."""
        self.next_part()
        if self._parts == 0:
            self._open().close()

    def _open(self) -> pq.ParquetWriter:
        """The next part. Without the Arrow schema in the file, readers see plain Parquet types as connectors write
        them.
        """
        path = self._folder / f"part-{self._parts:05d}.parquet"
        self._parts += 1
        dictionary = [f.name for f in self._schema if pa.types.is_string(f.type) and f.name not in ("id", "body")]
        return pq.ParquetWriter(
            path, self._schema, compression="zstd", compression_level=1, use_dictionary=dictionary, store_schema=False
        )

    def _flush(self) -> None:
        """Writes what waits as one row group (more when it is a whole large table)."""
        if not self._waiting_rows:
            return
        if self._writer is None:
            self._writer = self._open()
        self._writer.write_table(pa.concat_tables(self._waiting), row_group_size=ROW_GROUP)
        self._waiting, self._waiting_rows = [], 0


class RawFolder:
    """The folder under construction: <system>/<table>/part-*.parquet. rows: rows written by table."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rows: dict[str, int] = {}

    def write(self, key: TableKey, table: pa.Table) -> None:
        """Writes one raw table as a whole, in files of at most ROWS_A_FILE rows."""
        self._write(self.root / key[0] / key[1], ".".join(key), table, SCHEMAS[key])

    def write_truth(self, name: str, table: pa.Table) -> None:
        """Writes one table of planted truth: one file, _truth/<name>.parquet, with its Arrow schema."""
        folder = self.root / "_truth"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        self.rows[f"_truth.{name}"] = table.num_rows

    def stream(self, key: TableKey) -> TableWriter:
        """A writer for a table that comes in pieces; `finish` counts it."""
        return TableWriter(self.root / key[0] / key[1], SCHEMAS[key])

    def finish(self, key: TableKey, writer: TableWriter) -> None:
        """Closes a streamed table and counts its rows."""
        writer.close()
        self.rows[".".join(key)] = writer.rows

    def _write(self, folder: Path, name: str, table: pa.Table, schema: pa.Schema) -> None:
        """One table, cut into files."""
        writer = TableWriter(folder, schema)
        for begin in range(0, table.num_rows, ROWS_A_FILE):
            writer.append(table.slice(begin, ROWS_A_FILE))
            writer.next_part()
        writer.close()
        self.rows[name] = writer.rows


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder this generator wrote; None for any other folder."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if isinstance(content, dict) and content.get("generator") == GENERATOR:
        return content
    return None


def check_target(config: GenerateConfig) -> None:
    """Refuses to replace what this generator did not write.

    Raises GenerateError when the folder holds something else and force is off, or when it is a file.
    """
    out = config.out
    if out.exists() and not out.is_dir():
        raise GenerateError(f"{out} is a file.", "Give a folder with --out.")
    if not out.is_dir() or config.force or not any(out.iterdir()) or manifest_of(out) is not None:
        return
    raise GenerateError(
        f"{out} holds files that `strata generate` did not write.",
        "Choose another folder with --out, or replace it with --force.",
    )


@contextmanager
def raw_folder(config: GenerateConfig) -> Iterator[RawFolder]:
    """A folder to write into. Leaving it well puts it in the place of config.out; leaving it by an error removes it.

    Raises GenerateError where nobody may write.
    """
    out = config.out.absolute()
    partial = out.parent / f".{out.name}.partial-{os.getpid()}"
    with writing(out, "Give another folder with --out.", GenerateError):
        out.parent.mkdir(parents=True, exist_ok=True)
        _clear_up(out)
        partial.mkdir()
    folder = RawFolder(partial)
    try:
        yield folder
        manifest = {
            "generator": GENERATOR,
            "format": FORMAT,
            "config": config.content(),
            "rows": dict(sorted(folder.rows.items())),
        }
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        _put_in_place(partial, out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _clear_up(out: Path) -> None:
    """Heals what a killed run left beside `out`: half a folder goes, an old one set aside comes back if needed."""
    for aside in sorted(out.parent.glob(f".{out.name}.old-*")):
        if _owner_is_gone(aside) and not out.exists():
            aside.rename(out)
    for left in (*out.parent.glob(f".{out.name}.old-*"), *out.parent.glob(f".{out.name}.partial-*")):
        if _owner_is_gone(left):
            shutil.rmtree(left, ignore_errors=True)


def _owner_is_gone(folder: Path) -> bool:
    """Does the process that made the folder (its number ends the name) run no more, or is it this one?"""
    number = folder.name.rpartition("-")[2]
    if not number.isdigit():
        return False
    if int(number) == os.getpid():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it runs, under another user
    return False


def _put_in_place(partial: Path, out: Path) -> None:
    """Swaps the finished folder in; the old one is kept aside until the new one stands."""
    aside = out.parent / f".{out.name}.old-{os.getpid()}"
    if out.exists():
        out.rename(aside)
    try:
        partial.rename(out)
    except OSError:
        if aside.exists():
            aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
