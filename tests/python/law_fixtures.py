"""The fixtures of the tests of the laws, made once a session for all their modules.

A test module asks for them by `pytest_plugins = ["law_fixtures"]`, so that a session of other tests builds nothing.
"""

from __future__ import annotations

import pytest
from law_builds import ACCOUNTS, AS_OF, EVENTS, MONTHS, SEED, Company, D, LawBuild, Workshop
from law_raw import read_raw
from strata.generate import GenerateConfig, generate


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The generated company."""
    folder = tmp_path_factory.mktemp("laws") / "raw"
    generate(
        GenerateConfig(accounts=ACCOUNTS, months=MONTHS, seed=SEED, as_of=AS_OF, out=folder, events_per_account=EVENTS)
    )
    return Company(folder, read_raw(folder))


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Where builds run."""
    folder = tmp_path_factory.mktemp("builds")
    return Workshop(folder / "workshop", folder)


@pytest.fixture(scope="session")
def base(company: Company, workshop: Workshop) -> LawBuild:
    """The company as it is, as of the last day."""
    return workshop.build("base", company.folder)


@pytest.fixture(scope="session")
def as_of_d(company: Company, workshop: Workshop) -> LawBuild:
    """The same company on an earlier day, with the rows of later days still there."""
    return workshop.build("as_of_d", company.folder, as_of=D)
