"""What the README shows is what a reader gets."""

from __future__ import annotations

import re
from pathlib import Path

from law_builds import LawBuild

pytest_plugins = ["law_fixtures"]

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_query_on_the_score_before_a_churn_answers(base: LawBuild) -> None:
    """It runs as written, and its parts sum to the score they explain."""
    (query,) = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
    rows = base.query(query.rstrip().rstrip(";"))
    scores = {(account, day): score for account, _, day, score, _, _ in rows}
    assert scores
    for key, score in scores.items():
        parts = [part for account, _, day, _, _, part in rows if (account, day) == key and part is not None]
        months = {month for account, month, day, _, _, _ in rows if (account, day) == key}
        assert sum(parts) == (0 if score is None else score * len(months))
