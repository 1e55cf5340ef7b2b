"""The kinds of cells a policy seed may hold, and the words that say why a text is not one of them.

Every cell arrives as text. What is wanted as a number, a date or a name is checked to be exactly that; everything else
stays the text it is and is never evaluated.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

LONGEST_QUOTE = 40

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_WHOLE = re.compile(r"-?\d+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SNAKE = re.compile(r"[a-z][a-z0-9_]*")
_KEYWORD = re.compile(r"[a-z0-9]+( [a-z0-9]+)*")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+")


def quoted(text: object) -> str:
    """The text as it stands in the cell, on one line and cut to a readable length."""
    plain = " ".join(str(text).split())
    return f"'{plain[:LONGEST_QUOTE]}…'" if len(plain) > LONGEST_QUOTE else f"'{plain}'"


def refused(message: str, remedy: str) -> PydanticCustomError:
    """The error of a cell. Message and remedy travel as values, so that braces in a cell stay braces."""
    return PydanticCustomError("cell", "{why}", {"why": message, "remedy": remedy})


def _number(cell: Any) -> Any:
    if isinstance(cell, str) and not _NUMBER.fullmatch(cell):
        raise refused(
            f"{quoted(cell)} is not a number", "write a plain number such as 40 or 0.5, without unit or separators"
        )
    return cell


def _whole(cell: Any) -> Any:
    if isinstance(cell, str) and not _WHOLE.fullmatch(cell):
        raise refused(f"{quoted(cell)} is not a whole number", "write a number without decimals, unit or separators")
    return cell


def _day(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    try:
        if _DAY.fullmatch(cell):
            return date.fromisoformat(cell)
    except ValueError:
        pass  # a day that no calendar has, such as 2025-02-30, is told like any other text
    raise refused(f"{quoted(cell)} is not a date", "write a day of the calendar as YYYY-MM-DD")


def _flag(cell: Any) -> Any:
    if isinstance(cell, str) and cell not in ("true", "false"):
        raise refused(f"{quoted(cell)} is neither true nor false", "write true or false in small letters")
    return cell == "true" if isinstance(cell, str) else cell


def _name(cell: str) -> str:
    # A name that is only digits would be loaded as a number by engines that guess the type of a seed's column.
    if not cell[0].isalpha():
        raise refused(f"{quoted(cell)} is not a name", "begin the name with a letter")
    return cell


def _snake_case(cell: str) -> str:
    if not _SNAKE.fullmatch(cell):
        raise refused(
            f"{quoted(cell)} is not a snake_case name", "use small letters, digits and underscores, a letter first"
        )
    return cell


def _keyword(cell: str) -> str:
    if not _KEYWORD.fullmatch(cell):
        remedy = "use small letters and digits, one blank between words: texts are compared in that form"
        raise refused(f"{quoted(cell)} is not a keyword", remedy)
    return cell


def _currency(cell: str) -> str:
    if not _CURRENCY.fullmatch(cell):
        raise refused(
            f"{quoted(cell)} is not a currency code", "write the three capital letters of ISO 4217, such as EUR"
        )
    return cell


def _domain(cell: str) -> str:
    if not _DOMAIN.fullmatch(cell):
        raise refused(
            f"{quoted(cell)} is not a domain", "write it in small letters and without www or path, such as example.com"
        )
    return cell


# Text and names
Text = Annotated[str, Field(max_length=1000)]
Name = Annotated[str, Field(max_length=100), AfterValidator(_name)]
SnakeName = Annotated[str, Field(max_length=100), AfterValidator(_snake_case)]
Keyword = Annotated[str, Field(max_length=100), AfterValidator(_keyword)]
CurrencyCode = Annotated[str, AfterValidator(_currency)]
Domain = Annotated[str, Field(max_length=200), AfterValidator(_domain)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date, BeforeValidator(_day)]

# Numbers: digits and decimals are those of the column types in dbt_project.yml, beyond which a warehouse would round.
Number = Annotated[Decimal, Field(max_digits=18, decimal_places=6), BeforeValidator(_number)]
Bound = Annotated[Decimal, Field(max_digits=18, decimal_places=4), BeforeValidator(_number)]
Weight = Annotated[Decimal, Field(gt=0, le=100, decimal_places=4), BeforeValidator(_number)]
Points = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2), BeforeValidator(_number)]
Score = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2), BeforeValidator(_number)]
Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4), BeforeValidator(_number)]
PositiveShare = Annotated[Decimal, Field(gt=0, le=1, decimal_places=4), BeforeValidator(_number)]
Money = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=2), BeforeValidator(_number)]
Hours = Annotated[Decimal, Field(gt=0, max_digits=9, decimal_places=2), BeforeValidator(_number)]
Rate = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=8), BeforeValidator(_number)]
DaysFromZero = Annotated[int, Field(ge=0, le=36_500), BeforeValidator(_whole)]
Order = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_whole)]
Days = Annotated[int, Field(ge=1, le=36_500), BeforeValidator(_whole)]
DayOffset = Annotated[int, Field(ge=-3_650, le=3_650), BeforeValidator(_whole)]
Count = Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(_whole)]
Digits = Annotated[int, Field(ge=0, le=3), BeforeValidator(_whole)]
Bit = Annotated[int, Field(ge=0, lt=2**62), BeforeValidator(_whole)]
