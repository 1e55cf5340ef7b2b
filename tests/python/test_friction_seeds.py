"""Friction over many companies: what is planted is found, and little else is claimed.

Half a minute a company on a quiet machine, so it runs where STRATA_FRICTION_SEEDS says how many. The size of what is
planted is not compared here: docs/guides/generated_company.md says why it comes out smaller.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from law_builds import AS_OF, MONTHS, Workshop
from scipy.stats import binom

SEEDS = int(os.environ.get("STRATA_FRICTION_SEEDS", "0"))
ACCOUNTS, EVENTS, FIRST = 400, 30, 100
# The intervals of seeds/policy/parameters.csv (friction_standard_errors) hold 99 of 100.
LEVEL = 0.01
# What a figure may be by chance, once in a thousand times.
CHANCE = 0.999


@pytest.mark.skipif(SEEDS == 0, reason="STRATA_FRICTION_SEEDS says over how many companies")
def test_the_planted_friction_is_found_and_no_more_is_claimed_than_the_level_says(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "place", tmp_path / "results")
    found = told = 0
    false: list[tuple[object, ...]] = []
    for seed in range(FIRST, FIRST + SEEDS):
        raw = tmp_path / f"raw{seed}"
        subprocess.run(
            [
                str(Path(sys.executable).with_name("strata")), "generate", "--accounts", str(ACCOUNTS),
                "--months", str(MONTHS), "--seed", str(seed), "--as-of", AS_OF.isoformat(),
                "--events-per-account", str(EVENTS), "--out", str(raw),
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        build = workshop.build(str(seed), raw, select="+fct_journey_friction")
        for window, segment, verdict in build.query(
            "select friction_window, segment, verdict from fct_journey_friction where is_told"
        ):
            if window != "after_first_invoice":
                told += 1
                if verdict != "as_usual":
                    false.append((seed, window, segment, verdict))
            elif segment == "all_accounts":
                found += verdict == "more"
        shutil.rmtree(raw)
        shutil.rmtree(tmp_path / "results" / str(seed))
        print(json.dumps({"seed": seed, "found": found, "told": told, "false": false}), flush=True)
    assert found == SEEDS
    assert len(false) <= binom.ppf(CHANCE, told, LEVEL), false
