"""The coefficients of the churn risk: of known components, never against them, never fitted on what came later."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from strata.errors import Finding
from strata.policy.models import ChurnRiskCoefficient
from strata.policy.tables import Policy
from strata.policy.words import instead, plain

INTERCEPT = "intercept"


def coefficients_can_score(policy: Policy) -> Iterator[Finding]:
    """Each model has an intercept and one window, is monotone, and knows nothing of the days that it scores."""
    fault = policy.churn_risk_coefficients.fault
    components = {row.component for row in policy.score_components if row.score_model == "health"}
    models: defaultdict[str, list[ChurnRiskCoefficient]] = defaultdict(list)
    for row in policy.churn_risk_coefficients:
        models[row.risk_model].append(row)
        if row.term != INTERCEPT and row.term not in components:
            remedy = instead(row.term, components, "delete the row")
            yield fault(row, "term", f"no component of the score model health is called `{row.term}`", remedy)
        elif row.term != INTERCEPT and row.coefficient < 0:
            message = (
                f"the coefficient of `{row.term}` is {plain(row.coefficient)}: a better value would raise the risk"
            )
            yield fault(row, "coefficient", message, "write 0 or more, or delete the row")
        if row.fitted_until > row.valid_from:
            message = f"it was fitted on days until {row.fitted_until} and scores from {row.valid_from} on"
            yield fault(row, "fitted_until", message, f"let it score from {row.fitted_until} on")
    for name, rows in models.items():
        if all(row.term != INTERCEPT for row in rows):
            yield fault(rows[0], "term", f"the model `{name}` has no intercept", "add the row, or fit it anew")
        windows = {(row.valid_from, row.valid_to, row.lead_days, row.horizon_days, row.fitted_until) for row in rows}
        if len(windows) > 1:
            message = f"the rows of the model `{name}` do not hold for the same days and horizon"
            yield fault(rows[0], "valid_from", message, "write the same in each of its rows")
    starts = sorted({(rows[0].valid_from, rows[0].valid_to, name) for name, rows in models.items()}, key=_beginning)
    for (start, end, name), (later, _, other) in pairwise(starts):
        if end is None or end > later or start == later:
            row = models[other][0]
            message = f"the models `{name}` and `{other}` would score at once from {later} on"
            yield fault(row, "valid_from", message, f"end `{name}` on {later}")


def _beginning(model: tuple[date, date | None, str]) -> tuple[date, str]:
    return model[0], model[2]
