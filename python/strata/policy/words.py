"""How names and numbers are put into a message."""

from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was most likely meant to be; None when none is near."""
    by_small_letters = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), list(by_small_letters), n=1, cutoff=0.6)
    return by_small_letters[found[0]] if found else None


def instead(name: str, known: Iterable[str], otherwise: str) -> str:
    """The remedy for an unknown name: the near one if there is one, else what to do otherwise."""
    near = closest(name, known)
    return f"write `{near}`, if that is meant; else {otherwise}" if near is not None else otherwise


def plain(number: Decimal | None, unbounded: str = "no end") -> str:
    """A number without trailing zeros, or the word for an empty bound."""
    return unbounded if number is None else f"{number.normalize():f}"


def span(lower: Decimal | None, upper: Decimal | None) -> str:
    """`10 to 20`, `up to 20`, `10 and more` or `any value`."""
    if lower is None:
        return "any value" if upper is None else f"below {plain(upper)}"
    return f"{plain(lower)} and more" if upper is None else f"{plain(lower)} to {plain(upper)}"


def ticked(names: Iterable[str]) -> str:
    """Names in a row, each in ticks."""
    return ", ".join(f"`{name}`" for name in names)
