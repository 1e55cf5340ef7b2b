"""Reads the seeds into typed rows, and tells every cell that is not what its column holds.

A file is read with the csv module of the standard library because it alone keeps the line a row begins on.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from strata.errors import Finding
from strata.policy.cells import quoted
from strata.policy.models import Row
from strata.policy.tables import CROSSWALKS, Policy, Table
from strata.policy.words import closest, ticked

R = TypeVar("R", bound=Row)


def load_policy(policy_dir: Path, crosswalks_dir: Path | None) -> tuple[Policy, list[Finding]]:
    """All seeds as typed rows, and what kept a file, column or cell from being read. Raises nothing for bad content.

    Without a folder of crosswalks their tables are empty and nothing is said about them.
    """
    found: list[Finding] = []

    def read(folder: Path | None, model: type[R]) -> Table[R]:
        if folder is None:
            return Table(Path(model.file_name), (), sound=True)
        rows, faults = _read(folder / model.file_name, model)
        found.extend(faults)
        return Table(folder / model.file_name, tuple(rows), sound=not faults)

    tables: dict[str, Table[Any]] = {
        name: read(crosswalks_dir if name in CROSSWALKS else policy_dir, model)
        for name, model in Policy.models().items()
    }
    policy = Policy(**tables)
    found.extend(_strangers(policy_dir, {table.file.name for table in policy.tables().values()}))
    return policy, found


def _strangers(folder: Path, known: set[str]) -> Iterator[Finding]:
    for path in sorted(folder.glob("*.csv")):
        if path.name not in known:
            yield Finding(
                "warning",
                path,
                None,
                None,
                f"no policy is called `{path.stem}`: nothing reads this file",
                "rename it to the seed it was meant to be, or take it out of the folder",
            )


def _read(path: Path, model: type[R]) -> tuple[list[R], list[Finding]]:
    text, fault = _text(path)
    if fault is not None:
        return [], [fault]
    try:
        lines = list(_records(text))
    except csv.Error as error:
        return [], [
            _whole_file(path, f"cannot be read as CSV: {error}", "look for a double quote that is never closed")
        ]
    if not lines:
        return [], [_whole_file(path, "is empty: not even a header", f"begin it with {','.join(model.columns())}")]
    (_, header), *body = lines
    faults = list(_header_faults(path, header, model))
    if faults:
        return [], faults
    rows: list[R] = []
    for line, cells in body:
        row, wrong = _row(path, line, header, cells, model)
        faults.extend(wrong)
        if row is not None:
            rows.append(row)
    if not body and not model.may_be_empty:
        faults.append(_whole_file(path, "has a header and no row", "fill it: the models cannot do without it"))
    return rows, faults


def _whole_file(path: Path, message: str, remedy: str) -> Finding:
    return Finding("error", path, None, None, message, remedy)


def _text(path: Path) -> tuple[str, Finding | None]:
    if not path.is_file():
        near = closest(path.stem, (other.stem for other in path.parent.glob("*.csv")))
        remedy = (
            f"restore it; `{near}.csv` is near in name" if near is not None else "restore it from the version before"
        )
        return "", _whole_file(path, "the file is missing", remedy)
    try:
        return path.read_bytes().decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return "", Finding("error", path, line, None, "is not UTF-8 text", "save the file as CSV UTF-8")
    except OSError as error:
        return "", _whole_file(
            path, f"cannot be read: {error.strerror}", "give the user that runs Strata the right to read it"
        )


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; a quoted cell may span several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins_on = 1
    for cells in reader:
        yield begins_on, cells
        begins_on = reader.line_num + 1


def _header_faults(path: Path, header: list[str], model: type[Row]) -> Iterator[Finding]:
    wanted = model.columns()
    if len(header) == 1 and len(wanted) > 1 and (";" in header[0] or "\t" in header[0]):
        yield Finding(
            "error", path, 1, None, "the columns are not separated by commas", "save the file as CSV with commas"
        )
        return
    unknown = [column for column in header if column not in wanted]
    for column in wanted:
        if column not in header:
            near = closest(column, unknown)
            if near is not None:
                unknown.remove(near)
                message, remedy = f"is missing; `{near}` stands in the header", f"rename `{near}` to `{column}`"
            else:
                message, remedy = "is missing", f"add it; the columns are {ticked(wanted)}"
            yield Finding("error", path, 1, column, message, remedy)
    for column in unknown:
        yield Finding(
            "error", path, 1, column, "is not a column of this seed", "delete it, or move it to a seed of its own"
        )
    for column in sorted({column for column in header if header.count(column) > 1 and column in wanted}):
        yield Finding("error", path, 1, column, "stands in the header twice", "delete one of the two")


def _row(path: Path, line: int, header: list[str], cells: list[str], model: type[R]) -> tuple[R | None, list[Finding]]:
    def fault(column: str | None, message: str, remedy: str) -> Finding:
        return Finding("error", path, line, column, message, remedy)

    if not any(cells):
        return None, [fault(None, "the row is empty", "delete the line")]
    if len(cells) != len(header):
        message = f"the row has {len(cells)} cells where the header has {len(header)}"
        return None, [
            fault(None, message, "put texts with a comma in double quotes, and leave a comma for every empty cell")
        ]
    faults = [
        fault(column, *unclean) for column, cell in zip(header, cells, strict=True) if (unclean := _unclean(cell))
    ]
    if faults:
        return None, faults
    values: dict[str, Any] = {column: cell or None for column, cell in zip(header, cells, strict=True)}
    try:
        return model.model_validate({**values, "line": line}), []
    except ValidationError as error:
        return None, [fault(str(one["loc"][0]), *_words(one, model)) for one in error.errors(include_url=False)]


def _unclean(cell: str) -> tuple[str, str] | None:
    """Why a cell would be another value in another warehouse."""
    if cell != cell.strip():
        return "the cell begins or ends with a blank", "delete the blank: ` a` and `a` are different names"
    if cell.lower() == "null":
        return "the cell holds the word null", "leave the cell empty: some engines read the word as text"
    return None


_RANGES = {
    "greater_than_equal": ("ge", "is less than"),
    "greater_than": ("gt", "is not more than"),
    "less_than_equal": ("le", "is more than"),
    "less_than": ("lt", "is not less than"),
}


def _words(error: Any, model: type[Row]) -> tuple[str, str]:
    """pydantic's error of one cell as message and remedy; private values are not repeated."""
    kind, context = str(error["type"]), error.get("ctx", {})
    column = str(error["loc"][0])
    shown = "the value" if column in model.private else quoted(error["input"])
    if error["input"] is None:
        return "the cell is empty", "fill it"
    if kind == "cell":
        return str(context["why"]), str(context["remedy"])
    if kind in _RANGES:
        name, words = _RANGES[kind]
        return f"{shown} {words} {context[name]}", "write a value inside the range"
    if kind == "literal_error":
        return f"{shown} is none of {context['expected']}", "write one of these, in this spelling"
    if kind == "decimal_max_places":
        return f"{shown} has more than {context['decimal_places']} decimals", "round it: the warehouse would, unseen"
    if kind in ("decimal_whole_digits", "decimal_max_digits"):
        return f"{shown} has too many digits", "write a smaller number: the column of the warehouse cannot hold it"
    if kind == "string_too_long":
        return f"the text is longer than {context['max_length']} characters", "shorten it"
    return f"{shown} cannot be used: {error['msg']}", "correct the cell"
