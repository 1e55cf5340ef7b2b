"""The change feed: each change exactly once, whoever stops when, whatever was rebuilt in between."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strata import feed
from strata.errors import InputError, LockedError
from strata.ledger import Publication
from strata.published import Published

Records = dict[tuple[str, str], str]

RECORDS = st.dictionaries(
    st.tuples(st.sampled_from(["accounts", "actions"]), st.sampled_from(["a", "b", "ß:1"])),
    st.sampled_from(['{"x": "1"}', '{"x": null}', '{"x": "it\'s"}']),
)


class Shop:
    """Publications of records into one DuckDB connection, each a database of its own, as published files are."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.number = 0

    def publish(self, records: Records) -> None:
        before = f"p{self.number}" if self.number else None
        self.number += 1
        into = f"p{self.number}"
        self.connection.execute(f"attach ':memory:' as {into}")
        self.connection.execute(
            f"create table {into}.main.{feed.RECORDS} (feed varchar, record_key varchar, record varchar)"
        )
        for (name, key), record in records.items():
            self.connection.execute(f"insert into {into}.main.{feed.RECORDS} values (?, ?, ?)", [name, key, record])
        moment = datetime(2026, 1, 1) + timedelta(days=self.number)
        publication = Publication(f"p{self.number}", moment, date(2026, 1, 1), "v1", "0", "", 1, len(records), "")
        feed.write_changes(self.connection, into, before, publication)
        self.connection.execute(f"use {into}")
        if before is not None:
            self.connection.execute(f"detach {before}")

    @property
    def published(self) -> Published:
        return Published(self.connection)


def applied(state: dict[tuple[str, str], Any], changes: list[dict[str, Any]]) -> None:
    """Does to a receiver's rows what the changes say, and fails where one cannot be meant."""
    for change in changes:
        key = (change["feed"], change["record_key"])
        if change["operation"] == "insert":
            assert key not in state
        else:
            assert key in state
        if change["operation"] == "delete":
            del state[key]
        else:
            assert state.get(key) != change["record"]
            state[key] = change["record"]


class KilledError(Exception):
    """The process was killed here."""


def killed_at(step: int) -> Callable[[Path, Path], None]:
    """Renames files until the step, and is killed instead of the step, or right after it where step is odd."""
    done = 0

    def replace(source: Path, target: Path) -> None:
        nonlocal done
        if done == step // 2 and step % 2 == 0:
            raise KilledError
        os.replace(source, target)
        if done == step // 2:
            raise KilledError
        done += 1

    return replace


# One step: what is published next (None: nothing new), how many changes are taken, and where the receiver is killed.
STEPS = st.lists(
    st.tuples(st.none() | RECORDS, st.none() | st.integers(1, 3), st.none() | st.integers(0, 5), st.booleans()),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(steps=STEPS)
def test_each_change_is_delivered_once_to_one_that_stops_and_resumes(steps: list[Any]) -> None:
    shop, now = Shop(), {}
    shop.publish(now)
    state: dict[tuple[str, str], Any] = {}
    numbers: list[int] = []
    # What the disk keeps when the power fails is not asked here, and would be most of the time.
    with tempfile.TemporaryDirectory() as place, patch("strata.feed.os.fsync"):
        folder = Path(place)

        def take() -> None:
            for path in sorted(folder.glob("changes-*.jsonl")):
                changes = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
                numbers.extend(change["change_number"] for change in changes)
                applied(state, changes)
                path.unlink()

        for published, limit, kill, takes in [*steps, (None, None, None, True)]:
            if published is not None:
                now = published
                shop.publish(now)
            with contextlib.suppress(KilledError):
                feed.deliver(shop.published, folder, limit, killed_at(kill) if kill is not None else os.replace)
            if takes:
                take()
        # What a kill held back comes with the next call.
        feed.deliver(shop.published, folder)
        take()
    assert numbers == list(range(1, len(numbers) + 1))
    assert state == {key: json.loads(record) for key, record in now.items()}


def test_what_did_not_change_is_not_sent() -> None:
    shop = Shop()
    shop.publish({("accounts", "a"): '{"x": "1"}', ("accounts", "b"): '{"x": "1"}'})
    shop.publish({("accounts", "a"): '{"x": "1"}', ("accounts", "b"): '{"x": "2"}'})
    shop.publish({("accounts", "a"): '{"x": "1"}', ("accounts", "b"): '{"x": "2"}'})
    shop.publish({("accounts", "b"): '{"x": "2"}'})
    shop.publish({("accounts", "a"): '{"x": "1"}', ("accounts", "b"): '{"x": "2"}'})
    told = [
        (change["publication_id"], change["record_key"], change["operation"], change["record"])
        for change in feed.read_changes(shop.published, 0)
    ]
    assert told == [
        ("p1", "a", "insert", {"x": "1"}),
        ("p1", "b", "insert", {"x": "1"}),
        ("p2", "b", "update", {"x": "2"}),
        ("p4", "a", "delete", None),
        ("p5", "a", "insert", {"x": "1"}),
    ]


def test_a_cursor_beyond_the_feed_is_refused(tmp_path: Path) -> None:
    """Who deletes the published file deletes the feed's memory; a receiver must not wait for numbers to come again."""
    shop = Shop()
    shop.publish({("accounts", "a"): '{"x": "1"}'})
    feed.deliver(shop.published, tmp_path)
    fresh = Shop()
    fresh.publish({})
    with pytest.raises(InputError, match="begun anew"):
        feed.deliver(fresh.published, tmp_path)


def test_what_a_stopped_call_left_without_its_name_is_told(tmp_path: Path) -> None:
    """A receiver that goes by what the command prints would never take the file."""
    shop = Shop()
    shop.publish({("accounts", "a"): '{"x": "1"}'})
    with contextlib.suppress(KilledError):
        # Killed between the cursor and the name.
        feed.deliver(shop.published, tmp_path, replace=killed_at(2))
    assert list(tmp_path.glob("changes-*")) == []
    (told,) = [feed.deliver(shop.published, tmp_path)]
    assert (told.file, told.recovered) == (None, (tmp_path / "changes-000000000001-000000000001.jsonl",))
    assert told.recovered[0].is_file()
    assert feed.deliver(shop.published, tmp_path).recovered == ()


def test_two_deliveries_into_one_folder_do_not_run_at_once(tmp_path: Path) -> None:
    """The second would drop the file that the first has prepared, and name it after numbers that are given already."""
    shop = Shop()
    shop.publish({("accounts", "a"): '{"x": "1"}'})

    def meanwhile(source: Path, target: Path) -> None:
        with pytest.raises(LockedError, match="another delivery is at work"):
            feed.deliver(shop.published, tmp_path)
        os.replace(source, target)

    assert feed.deliver(shop.published, tmp_path, replace=meanwhile).until == 1


def test_a_cursor_that_says_nothing_is_refused(tmp_path: Path) -> None:
    shop = Shop()
    shop.publish({})
    (tmp_path / "cursor.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="does not say"):
        feed.deliver(shop.published, tmp_path)
