"""Law 8: the same raw tables give the same public tables on every engine."""

from strata.parity.compare import TableResult, compare
from strata.parity.run import ParityOptions, ParityResult, StateResult, run_parity

__all__ = ["ParityOptions", "ParityResult", "StateResult", "TableResult", "compare", "run_parity"]
