"""The gate before the build: are the raw tables there, of the right shape, readable, fresh and big enough?"""

from strata.gate.run import GateResult, check_raw

__all__ = ["GateResult", "check_raw"]
