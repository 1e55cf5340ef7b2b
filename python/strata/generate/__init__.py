"""The generator of an invented software company: raw tables as connectors land them, and the truth planted in them."""

from __future__ import annotations

from strata.generate.config import GenerateConfig, GenerateError, GenerateReport, ProgressCallback

__all__ = ["GenerateConfig", "GenerateError", "GenerateReport", "ProgressCallback", "generate"]


def generate(config: GenerateConfig, progress: ProgressCallback | None = None) -> GenerateReport:
    """Generates a company into config.out; see strata.generate.pipeline.generate. Numpy and Arrow are imported only
    here.
    """
    from strata.generate.pipeline import generate as run

    return run(config, progress)
