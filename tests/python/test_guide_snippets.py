"""The snippets of the guides are the repository's own lines.

A guide that shows other code than runs is worse than none.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
SNIPPET = re.compile(r"^`(?P<path>[^`\n]+)`:\n\n```\w+\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)(?P<target>[^)#]+)[^)]*\)")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_snippet_stands_in_the_file_it_names(guide: Path) -> None:
    for found in SNIPPET.finditer(guide.read_text(encoding="utf-8")):
        source = ROOT / found["path"]
        assert source.is_file(), f"{guide.name} quotes {found['path']}, which is not there"
        assert found["code"] in source.read_text(encoding="utf-8"), (
            f"{guide.name} quotes {found['path']} otherwise than it is"
        )


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_link_leads_somewhere(guide: Path) -> None:
    for found in LINK.finditer(guide.read_text(encoding="utf-8")):
        assert (guide.parent / found["target"]).exists(), f"{guide.name} links to {found['target']}"


def test_the_guide_for_own_tables_quotes_its_worked_example() -> None:
    quoted = [
        found["path"] for found in SNIPPET.finditer((ROOT / "docs/guides/own_tables.md").read_text(encoding="utf-8"))
    ]
    assert len(quoted) >= 5
    assert all(path.startswith("models/staging/miaad/") for path in quoted)
