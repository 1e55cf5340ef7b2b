"""Every parameter that the models read is there, once, and inside the range in which it means something."""

from collections.abc import Iterator

from strata.errors import Finding
from strata.policy.tables import Policy
from strata.policy.vocabulary import PARAMETERS
from strata.policy.words import instead, plain


def parameters_are_known_and_sane(policy: Policy) -> Iterator[Finding]:
    """Known, complete, in range."""
    table = policy.parameters
    for name in PARAMETERS:
        if name not in {row.parameter for row in table}:
            yield table.fault(None, "parameter", f"the parameter `{name}` is missing", "add it: a model reads it")
    for row in table:
        allowed = PARAMETERS.get(row.parameter)
        if allowed is None:
            remedy = instead(row.parameter, PARAMETERS, "delete it")
            yield table.fault(row, "parameter", f"no model reads the parameter `{row.parameter}`", remedy)
        elif not allowed.lower <= row.parameter_value <= allowed.upper:
            limits = f"{plain(allowed.lower)} to {plain(allowed.upper)}"
            message = f"`{row.parameter}` is {plain(row.parameter_value)}, outside {limits}"
            yield table.fault(row, "parameter_value", message, f"write a number of {row.unit} inside that range")
        elif allowed.whole and row.parameter_value != row.parameter_value.to_integral_value():
            message = f"`{row.parameter}` is {plain(row.parameter_value)} and counts whole {row.unit}"
            yield table.fault(row, "parameter_value", message, "write a number without decimals")
