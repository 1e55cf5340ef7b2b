"""The fixtures of the tests of the laws, made once a session for all their modules.

A test module asks for them by `pytest_plugins = ["law_fixtures"]`, so that a session of other tests builds nothing.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from filelock import FileLock
from law_builds import ACCOUNTS, AS_OF, EVENTS, MONTHS, SEED, Company, D, LawBuild, Workshop
from law_raw import read_raw
from strata.generate import GenerateConfig, generate


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of the session share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def company(shared: Path) -> Company:
    """The generated company."""
    folder, done = shared / "raw", shared / "raw.done"
    config = GenerateConfig(
        accounts=ACCOUNTS, months=MONTHS, seed=SEED, as_of=AS_OF, out=folder, events_per_account=EVENTS
    )
    with FileLock(shared / "raw.lock"):
        if not done.exists():
            generate(config)
            done.touch()
    return Company(folder, read_raw(folder))


@pytest.fixture(scope="session")
def workshop(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Where builds run."""
    return Workshop(tmp_path_factory.mktemp("workshop"), shared / "builds")


@pytest.fixture(scope="session")
def base(company: Company, workshop: Workshop) -> LawBuild:
    """The company as it is, as of the last day."""
    return workshop.build("base", company.folder)


@pytest.fixture(scope="session")
def as_of_d(company: Company, workshop: Workshop) -> LawBuild:
    """The same company on an earlier day, with the rows of later days still there."""
    return workshop.build("as_of_d", company.folder, as_of=D)


@pytest.fixture(scope="session")
def day_after_day(company: Company, workshop: Workshop) -> LawBuild:
    """The company after two daily runs: most of the build is of the first, and only what the second needed is new."""
    first = workshop.build("the_day_before", company.folder, as_of=AS_OF - dt.timedelta(days=1))
    return workshop.build("day_after_day", company.folder, after=first)
