"""Which accounts could change their CSM, so that each CSM serves as few segments as possible within capacity.

A suggestion, never an assignment: nothing is written. It reads the published tables. What an account is owed, and what
a CSM has, is policy (fct_attention_gaps.hours_owed, fct_csm_portfolios.capacity_hours). Only numbers of accounts are
decided by the solver (HiGHS, a mixed-integer program): accounts of one segment are owed the same. Which of them move is
then decided here, the smallest MRR first, for that puts the least money into new hands.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from strata.console import table, tell
from strata.errors import InputError
from strata.published import money

if TYPE_CHECKING:
    from strata.published import Published

NO_CSM = "no_csm"
# A ten-thousandth of an hour is the scale of hours_owed: beyond it a portfolio is over its capacity.
_SCALE = 10_000


@dataclass(frozen=True)
class Account:
    """A customer that is owed something. hours: owed in the weeks of capacity; mrr: reporting currency."""

    account_id: str
    segment: str
    csm: str
    hours: Decimal
    mrr: Decimal


@dataclass(frozen=True)
class Move:
    """An account and the CSM it could go to."""

    account: Account
    to: str


@dataclass(frozen=True)
class Suggestion:
    """What the solver found. verdict: best, good (found, and not shown to be the best in the time), none (nothing fits)
    or unknown (nothing found in the time); needed: the least CSMs whose hours reach, whatever the segments.
    """

    verdict: str
    capacity: Decimal
    csms: tuple[str, ...]
    accounts: tuple[Account, ...]
    moves: tuple[Move, ...]
    needed: int

    def portfolios(self, after: bool) -> dict[str, list[Account]]:
        """The accounts of each CSM, before or after the moves."""
        to = {move.account.account_id: move.to for move in self.moves} if after else {}
        found: dict[str, list[Account]] = {csm: [] for csm in self.csms}
        for account in self.accounts:
            found.setdefault(to.get(account.account_id, account.csm), []).append(account)
        return found


def read(published: "Published", with_unassigned: bool) -> tuple[list[Account], list[str], Decimal]:
    """Customers that are owed something, the CSMs, and the hours that each of these has."""
    rows = published.rows(
        "select gaps.account_id, gaps.segment, gaps.csm_user_id, gaps.hours_owed, gaps.mrr"
        " from fct_attention_gaps as gaps inner join dim_accounts as accounts on gaps.account_id = accounts.account_id"
        " where accounts.is_customer and gaps.hours_owed > 0 order by gaps.account_id"
    )
    accounts = [
        Account(row["account_id"], row["segment"], row["csm_user_id"] or NO_CSM, row["hours_owed"], row["mrr"])
        for row in rows
        if with_unassigned or row["csm_user_id"] is not None
    ]
    books = published.rows(
        "select csm_user_id, capacity_hours from fct_csm_portfolios where capacity_hours is not null order by 1"
    )
    if not books:
        raise InputError("no customer has a CSM", "connect the CRM's owners or account teams, then `strata build`")
    return accounts, [str(row["csm_user_id"]) for row in books], books[0]["capacity_hours"]


def suggest(accounts: Sequence[Account], csms: Sequence[str], capacity: Decimal, seconds: float = 30) -> Suggestion:
    """As few segments beyond the first of each CSM as the capacity allows, and among those portfolios the fewest moves.

    capacity: hours of each CSM. Accounts of a CSM that is not named (no_csm) have to be placed. seconds: the solver's
    time; what it has found by then is given.
    """
    found = _solve(accounts, csms, capacity, seconds)
    total = sum((account.hours for account in accounts), Decimal(0))
    needed = int(-(-total // capacity)) if capacity > 0 else 0
    verdict, counts = found
    moves = () if counts is None else tuple(_moves(accounts, csms, counts))
    return Suggestion(verdict, capacity, tuple(csms), tuple(accounts), moves, needed)


def _solve(
    accounts: Sequence[Account], csms: Sequence[str], capacity: Decimal, seconds: float
) -> tuple[str, dict[tuple[str, str], int] | None]:
    """How many accounts of each segment each CSM should have; None when nothing was found."""
    # The solver takes half a second to load, and other commands do without.
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    hours = {account.segment: account.hours for account in accounts}
    if any(account.hours != hours[account.segment] for account in accounts):
        raise InputError(
            "accounts of one segment are owed different hours", "publish tables of one build: strata build"
        )
    segments = sorted(hours)
    if not accounts:
        return "best", {}
    owned = Counter((account.csm, account.segment) for account in accounts)
    size = Counter(account.segment for account in accounts)
    pairs = [(csm, segment) for csm in csms for segment in segments]
    at = {pair: number for number, pair in enumerate(pairs)}
    # Three variables a pair: accounts it should have, whether the CSM serves the segment, accounts that come to it. And
    # one a CSM: segments beyond its first, so that nobody is left without work to save a pair.
    wide = len(pairs)
    cells: list[tuple[int, int, float]] = []
    lower: list[float] = []
    upper: list[float] = []

    def constrain(terms: Sequence[tuple[int, float]], least: float, most: float) -> None:
        cells.extend((len(lower), column, value) for column, value in terms)
        lower.append(least)
        upper.append(most)

    for segment in segments:
        constrain([(at[csm, segment], 1.0) for csm in csms], size[segment], size[segment])
    for place, csm in enumerate(csms):
        served = [(wide + at[csm, segment], 1.0) for segment in segments]
        constrain([*served, (3 * wide + place, -1.0)], -np.inf, 1.0)
        # In whole ten-thousandths of an hour, so that exactly the hours is within them.
        terms = [(at[csm, segment], float(int(hours[segment] * _SCALE))) for segment in segments]
        constrain(terms, -np.inf, float(int(capacity * _SCALE)))
    for pair, number in at.items():
        constrain([(number, 1.0), (wide + number, -float(size[pair[1]]))], -np.inf, 0.0)
        constrain([(number, 1.0), (2 * wide + number, -1.0)], -np.inf, float(owned[pair]))
    rows, columns, values = zip(*cells, strict=True)
    matrix = coo_array((values, (rows, columns)), shape=(len(lower), 3 * wide + len(csms)))
    many = np.array([size[segment] for _, segment in pairs], dtype=float)
    solved = milp(
        # One segment less is worth more than all moves there can be.
        c=np.concatenate([np.zeros(2 * wide), np.ones(wide), np.full(len(csms), len(accounts) + 1.0)]),
        constraints=LinearConstraint(matrix.tocsr(), np.array(lower), np.array(upper)),
        integrality=np.ones(3 * wide + len(csms)),
        bounds=Bounds(
            np.zeros(3 * wide + len(csms)),
            np.concatenate([many, np.ones(wide), many, np.full(len(csms), float(len(segments)))]),
        ),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if solved.status == 2:
        return "none", None
    if solved.x is None:
        return "unknown", None
    counts = {pair: round(float(solved.x[number])) for pair, number in at.items()}
    return ("best" if solved.status == 0 else "good"), counts


def _moves(accounts: Sequence[Account], csms: Sequence[str], counts: Mapping[tuple[str, str], int]) -> list[Move]:
    """Which accounts go where: those of the smallest MRR leave, and go where the segment is short, in order."""
    held: dict[tuple[str, str], list[Account]] = defaultdict(list)
    for account in sorted(accounts, key=lambda one: (one.mrr, one.account_id)):
        held[account.csm, account.segment].append(account)
    leaving: dict[str, list[Account]] = defaultdict(list)
    for (csm, segment), own in sorted(held.items()):
        leaving[segment].extend(own[: max(len(own) - counts.get((csm, segment), 0), 0)])
    moves: list[Move] = []
    for segment, going in sorted(leaving.items()):
        for csm in csms:
            short = counts.get((csm, segment), 0) - len(held[csm, segment])
            for _ in range(max(short, 0)):
                moves.append(Move(going.pop(0), csm))
    return moves


def as_json(found: Suggestion) -> dict[str, Any]:
    """The suggestion with the portfolios before and after."""
    return {
        "verdict": found.verdict,
        "sentence": sentence(found),
        "capacity_hours": found.capacity,
        "portfolios": [
            {"csm_user_id": csm, "before": _book(before), "after": _book(after)} for csm, before, after in _books(found)
        ],
        "moves": [
            {
                "account_id": move.account.account_id, "segment": move.account.segment, "mrr": move.account.mrr,
                "hours_owed": move.account.hours, "from": move.account.csm, "to": move.to,
            }
            for move in found.moves
        ],
    }  # fmt: skip


def show(found: Suggestion) -> None:
    """The suggestion on stdout: tables, and last what it comes to."""
    columns = [("CSM", "left")] + [
        (f"{name} {when}", "right") for name in ("accounts", "segments", "hours") for when in ("before", "after")
    ]
    rows = []
    for csm, *books in _books(found):
        told = [_book(book) for book in books]
        rows.append([csm, *(str(book[name]) for name in ("accounts", "segments", "hours_owed") for book in told)])
    table(f"Portfolios, {found.capacity} hours each", columns, rows)
    if found.moves:
        table(
            "Accounts that could move",
            [("account", "left"), ("segment", "left"), ("MRR", "right"), ("from", "left"), ("to", "left")],
            [
                [move.account.account_id, move.account.segment, money(move.account.mrr), move.account.csm, move.to]
                for move in found.moves
            ],
        )
    tell(sentence(found), style="bold")


def sentence(found: Suggestion) -> str:
    """What the suggestion comes to."""
    if found.verdict == "none":
        total = sum((account.hours for account in found.accounts), Decimal(0))
        return (
            f"No portfolio can be suggested: {total:,.1f} hours are owed, {len(found.csms)} CSMs have"
            f" {found.capacity * len(found.csms):,.1f}; at least {found.needed} are needed."
        )
    if found.verdict == "unknown":
        return "No portfolio was found in the time; give the solver more with --seconds."
    before, after = (juggled(found.portfolios(when)) for when in (False, True))
    best = "" if found.verdict == "best" else " There may be a better one: give the solver more with --seconds."
    return (
        f"{len(found.moves)} accounts moved leave {after} segments beyond the first of each CSM, now {before}, and"
        f" every CSM within capacity.{best}"
    )


def juggled(portfolios: Mapping[str, Sequence[Account]]) -> int:
    """Segments that CSMs serve beyond their first, of all CSMs together."""
    served = (len({account.segment for account in own}) for csm, own in portfolios.items() if csm != NO_CSM)
    return sum(max(segments - 1, 0) for segments in served)


def _books(found: Suggestion) -> list[tuple[str, list[Account], list[Account]]]:
    before, after = found.portfolios(False), found.portfolios(True)
    return [(csm, before.get(csm, []), after.get(csm, [])) for csm in sorted(before.keys() | after.keys())]


def _book(accounts: Sequence[Account]) -> dict[str, Any]:
    return {
        "accounts": len(accounts),
        "segments": len({account.segment for account in accounts}),
        "hours_owed": sum((account.hours for account in accounts), Decimal(0)),
        "mrr": sum((account.mrr for account in accounts), Decimal(0)),
    }
