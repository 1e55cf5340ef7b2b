"""Names that an engine would refuse are found before anybody builds there."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
POSTGRES_LONGEST = 63


def test_models_and_unit_tests_have_names_that_postgresql_can_hold() -> None:
    named = [
        path.stem
        for kind in ("models", "seeds")
        for path in (ROOT / kind).rglob("*")
        if path.suffix in {".sql", ".csv"}
    ]
    for path in (ROOT / "models").rglob("*.yml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        named += [test["name"] for test in content.get("unit_tests") or []]
    assert len(named) > 200
    assert [name for name in named if len(name) > POSTGRES_LONGEST] == []
