"""Faults of the files themselves, before a cell is looked at: copies beside them, and CSV that is no table.

An engine reads a copy as data, and of a row with a cell too few says only where it broke off.
"""

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from strata.errors import Finding
from strata.gate.sources import RawTable
from strata.project import Project

if TYPE_CHECKING:
    import _csv

# What may follow the name where a pattern ends in `*`: how the engine finds out that a file is compressed.
_COMPRESSIONS = (".gz", ".zst")
# What file managers, editors and people put into the name of a copy.
_MARK = r"(?:\(\d+\)|(?<=[ _.-])(?:copy|old|bak|backup|orig|save)(?: ?\d+)?)"
_COPY = re.compile(rf"(?:^copy of )|(?:[ _.-]*{_MARK})+$|~$", re.IGNORECASE)
_SEPARATORS = (",", ";", "\t", "|")
_SHOWN = {"\t": "tab"}
_OPTION = r"\b{name}\s*=\s*'((?:[^']|'')+)'"


def odd_files(project: Project, table: RawTable, files: Sequence[Path]) -> list[Finding]:
    """Files that the pattern of a table takes in although they are no part of it, or one part twice."""
    findings: list[Finding] = []
    there = {file.parent / _plain(file.name) for file in files}
    opened_by = [Path(pattern).name for pattern in table.paths]
    for file in files:
        plain = Path(_plain(file.name))
        original = f"{_COPY.sub('', plain.stem)}{plain.suffix}"
        if file.name.startswith("."):
            said = f"{table.label} would be read from this file, too, which is a hidden one"
        elif not any(_ends_as_it_should(plain, pattern) for pattern in opened_by):
            said = f"{table.label} would be read from this file, too, though its name does not end as a table does"
        elif str(plain) != file.name and file.with_name(str(plain)) in files:
            said = f"{table.label} would be read twice, from this file and from `{plain}`"
        elif original != str(plain) and file.with_name(original) in there:
            said = f"{table.label} would be read twice: this looks like a copy of `{original}`, which is there, too"
        else:
            continue
        remedy = "move it out of the folder: every file whose name fits is read as data"
        findings.append(Finding("error", project.shown(file), None, None, said, remedy))
    return findings


def several_files(project: Project, table: RawTable, files: Sequence[Path]) -> list[Finding]:
    """A warning where a CSV table is read from several files of a folder that it shares with others.

    A folder of its own may hold any number of parts; beside other tables, the second may be an older delivery.
    """
    if not _is_csv(table) or len(files) < 2 or any(file.parent.name == table.name for file in files):
        return []
    names = ", ".join(f"`{file.name}`" for file in files)
    said = f"{table.label} is read from {len(files)} files: {names}"
    remedy = "none where they are parts of one table; an older delivery has to leave the folder"
    return [Finding("warning", project.shown(files[0].parent), None, None, said, remedy)]


def _plain(name: str) -> str:
    """A file's name without what says how it is compressed."""
    return next((name.removesuffix(ending) for ending in _COMPRESSIONS if name.lower().endswith(ending)), name)


def _ends_as_it_should(plain: Path, pattern: str) -> bool:
    """Whether a name ends as the pattern does before its last `*`: `accounts.csv*` means accounts.csv, and no more."""
    wanted = Path(_plain(pattern.rstrip("*"))).suffix
    return not wanted or "*" in wanted or plain.suffix.lower() == wanted.lower()


def odd_headers(project: Project, table: RawTable, files: Sequence[Path]) -> list[Finding]:
    """CSV files without a header, with another separator than the one declared, or with a column twice."""
    if not _is_csv(table):
        return []
    findings: list[Finding] = []
    declared = {column.name.lower() for column in table.columns}
    for file in files:
        header = _header(table, file)
        if header is None:
            continue
        place = project.shown(file)
        if not header:
            said, remedy = "is empty: it has not even a header", "land it again; a table without rows has its header"
            findings.append(Finding("error", place, None, None, f"the file of {table.label} {said}", remedy))
            continue
        other = _other_separator(table, header, declared)
        if other is not None:
            said = f"the cells of {table.label} are separated by {_named(other)}, not by {_named(_separator(table))}"
            remedy = (
                f"save it with {_named(_separator(table))} between the cells, or say delim = '{other}' in"
                f" external_location of {table.declared_in.name}"
            )
            findings.append(Finding("error", place, None, None, said, remedy))
        counts = Counter(name.strip().lower() for name in header)
        findings += [
            Finding(
                "error",
                place,
                None,
                name,
                f"the header of {table.label} names the column {counts[name]} times",
                "give each column a name of its own: nobody can tell which of them is meant",
            )
            for name in sorted(declared)
            if counts[name] > 1
        ]
    return findings


def torn_rows(project: Project, table: RawTable, files: Sequence[Path]) -> list[Finding]:
    """CSV files with rows that have more or fewer cells than the header, each with the first of them.

    Reads the files as a whole: for when the engine could not.
    """
    findings: list[Finding] = []
    for file in files if _is_csv(table) else ():
        torn = _torn(table, file)
        if torn is None:
            continue
        row, line, cells, wanted, count = torn
        others = f", and so have {count - 1:,} more rows" if count > 1 else ""
        findings.append(
            Finding(
                "error",
                project.shown(file),
                row,
                None,
                f"line {line:,} of {table.label} has {cells} cells where the header has {wanted}{others}",
                "add or take out the cell, put quotes around one that holds the separator, or close a quote; where it"
                " is the last line, the file was landed by half",
            )
        )
    return findings


def other_letters(project: Project, table: RawTable, files: Sequence[Path]) -> list[Finding]:
    """CSV files that are not UTF-8 text, each with the first line that shows it. None where an encoding is declared.

    Reads the files as a whole: for when the engine could not.
    """
    if not _is_csv(table) or re.search(_OPTION.format(name="encoding"), table.location):
        return []
    findings: list[Finding] = []
    for file in files:
        found = _first_odd_line(file)
        if found is None:
            continue
        line, encoding = found
        said = f"line {line:,} of {table.label} is not UTF-8 text" + (f": it looks like {encoding}" if encoding else "")
        remedy = (
            f"save it as CSV UTF-8, or say encoding = '{encoding or 'latin-1'}' in external_location of"
            f" {table.declared_in.name}"
        )
        findings.append(Finding("error", project.shown(file), None, None, said, remedy))
    return findings


def _first_odd_line(file: Path) -> tuple[int, str] | None:
    """The first line that is not UTF-8, and the encoding where its first bytes tell; None where all are."""
    try:
        with _bytes_of(file) as lines:
            for number, line in enumerate(lines, start=1):
                if number == 1 and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    return number, "utf-16"
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    return number, ""
    except (OSError, EOFError):
        # What cannot be read so has another fault, which the engine has told.
        pass
    return None


def _torn(table: RawTable, file: Path) -> tuple[int, int, int, int, int] | None:
    """The first row of another length than the header: row of data, line, its cells, those wanted; and how many."""
    first: tuple[int, int, int] | None = None
    count, row, wanted = 0, 0, 0
    try:
        with _opened(file) as lines:
            reader = _reader(table, lines)
            wanted = len(next(reader, []))
            line = reader.line_num + 1
            for cells in reader:
                begins, line = line, reader.line_num + 1
                if not cells:
                    continue
                row += 1
                if len(cells) != wanted:
                    count += 1
                    first = first or (row, begins, len(cells))
    except (OSError, EOFError, csv.Error):
        # What cannot be read so has another fault, which the engine has told.
        pass
    return None if first is None else (*first, wanted, count)


def _is_csv(table: RawTable) -> bool:
    return table.location.lstrip().lower().startswith("read_csv")


def _separator(table: RawTable) -> str | None:
    """What the sources file says that separates cells; None where the engine is to find out."""
    found = re.search(_OPTION.format(name="(?:delim|sep)"), table.location)
    return found[1].replace("\\t", "\t")[:1] if found else None


def _quote(table: RawTable) -> str:
    found = re.search(_OPTION.format(name="quote"), table.location)
    return found[1][0] if found else '"'


def _reader(table: RawTable, lines: TextIO) -> "_csv._reader":
    """The rows of a CSV file, by the separator declared, else by the one that its first line has most of."""
    separator = _separator(table)
    if separator is None:
        first = lines.readline()
        lines.seek(0)
        separator = max(_SEPARATORS, key=first.count)
    return csv.reader(lines, delimiter=separator, quotechar=_quote(table))


def _named(separator: str | None) -> str:
    return _SHOWN.get(separator or "", f"`{separator}`")


def _other_separator(table: RawTable, header: Sequence[str], declared: set[str]) -> str | None:
    """The separator by which a header that is one cell falls into columns that are declared."""
    separator = _separator(table)
    if separator is None or len(header) > 1:
        return None
    for other in _SEPARATORS:
        names = {name.strip().strip('"').lower() for name in header[0].split(other)}
        if other != separator and len(names) > 1 and len(names & declared) > len(names) / 2:
            return other
    return None


def _header(table: RawTable, file: Path) -> list[str] | None:
    """The cells of the first line; none in an empty file; None where the file cannot be read so."""
    try:
        with _opened(file) as lines:
            return next(_reader(table, lines), [])
    except (OSError, EOFError, csv.Error):
        return None


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    """The text of a file, compressed or not. Raises OSError where it cannot be had."""
    with _bytes_of(file) as content:
        yield io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace", newline="")


@contextmanager
def _bytes_of(file: Path) -> Iterator[BinaryIO]:
    """What a file holds, no longer compressed. Raises OSError where it cannot be had."""
    if file.suffix.lower() == ".zst":
        raise OSError(f"{file} is compressed in a way that only the engine reads")
    how = gzip.open if file.suffix.lower() == ".gz" else open
    with how(file, "rb") as content:
        yield cast(BinaryIO, content)
