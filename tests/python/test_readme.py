"""What the README shows is what a reader gets."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from law_builds import LawBuild

pytest_plugins = ["law_fixtures"]

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_query_on_the_score_before_a_churn_answers(base: LawBuild) -> None:
    """As written, for every churn at each of three days; its parts sum to the score that was computed then."""
    query = next(block for block in re.findall(r"```sql\n(.*?)```", README, re.DOTALL) if "days_before" in block)
    rows = base.query(query.rstrip().rstrip(";"))
    churns = set(
        base.query(
            "select account_id, entered_on from fct_journey_stages"
            " where stage = 'churned' and not entered_before_history"
        )
    )
    assert len(churns) >= 5
    assert {(account, churned_on, days) for account, churned_on, days, *_ in rows} == {
        (*churn, days) for churn in churns for days in (90, 60, 30)
    }
    computed = {
        (account, day): score
        for account, day, score in base.query("select account_id, snapshot_date, computed_score from fct_health_scores")
    }
    sums: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for account, churned_on, days, day, _, _, _, _, _, contribution, lost in rows:
        assert day is None or 0 <= (churned_on - day).days - days < 7, "the last snapshot up to that day"
        sums[(account, churned_on, days, day)] += contribution or 0
        assert lost is None or 0 <= lost <= 100
    scored = {key: total for key, total in sums.items() if computed.get((key[0], key[3])) is not None}
    assert len(scored) > len(churns)
    assert all(total == computed[(key[0], key[3])] for key, total in scored.items())
