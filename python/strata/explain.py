"""Why an account has its segment, its score and its stage: the public tables put into words."""

import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from strata.errors import InputError
from strata.project import Project
from strata.published import Published, Row, money, open_published

# Components told apart by name; the rest is in the JSON.
TOLD = 3
# The scheme that stands for an account where there is room for one.
FIRST_SCHEME = "touch_model"


def explain(project: Project, account: str, at: str | None = None) -> dict[str, Any]:
    """Segment, score and stage of an account with their reasons.

    account: account_id, the id in its own system, or the name if it is unique. at: the day to explain; the latest
    snapshot up to it counts. Raises InputError when there is no such account, or it was not alive on that day.
    """
    day = _day(at)
    with open_published(project) as published:
        return explain_account(published, _find(published, account), day)


def explain_account(published: Published, account_id: str, day: date | None = None) -> dict[str, Any]:
    """The same for a known account_id in tables that are open already."""
    score = published.row(
        "select * from fct_health_scores where account_id = ? and (? is null or snapshot_date <= ?)"
        " order by snapshot_date desc limit 1",
        [account_id, day, day],
    )
    if score is None:
        first = published.row(
            "select min(snapshot_date) as day from fct_health_scores where account_id = ?", [account_id]
        )
        raise InputError(
            f"{account_id} has no snapshot on {day} or before",
            f"its first is {first['day'] if first else 'none'}; name a later day with --at",
        )
    snapshot = score["snapshot_date"]
    about = published.row("select * from dim_accounts where account_id = ?", [account_id])
    segments = published.rows(
        "select * from fct_segment_assignments where account_id = ? and valid_from <= ?"
        " and (valid_to is null or ? < valid_to)"
        " order by case when segment_scheme = ? then 0 else 1 end, segment_scheme",
        [account_id, snapshot, snapshot, FIRST_SCHEME],
    )
    stage = published.row(
        "select * from fct_journey_stages where account_id = ? and entered_on <= ?"
        " and (exited_on is null or ? < exited_on) order by entered_on desc, visit desc limit 1",
        [account_id, snapshot, snapshot],
    )
    components = published.rows(
        "select * from fct_health_score_components where account_id = ? and snapshot_date = ?"
        " order by contribution desc nulls last, component",
        [account_id, snapshot],
    )
    since = score["compared_with"]
    changes = published.rows(
        "select driver, cause, component, sum(change_part) as change_part from fct_health_score_changes"
        " where account_id = ? and snapshot_date > ? and snapshot_date <= ? group by driver, cause, component"
        " having sum(change_part) <> 0 order by abs(sum(change_part)) desc, driver",
        [account_id, since, snapshot],
    )
    return {
        "account_id": account_id,
        "account_name": about["account_name"] if about else None,
        "snapshot_date": snapshot,
        "segments": [_without(row, "account_id") for row in segments],
        "health": {
            **_without(score, "account_id", "snapshot_date"),
            "components": [_component(row) for row in components],
            "changes": changes,
            "came_and_went": _came_and_went(published, account_id, since, snapshot),
            "not_scored": _spans_without(published, account_id, since, snapshot),
        },
        "stage": None if stage is None else _without(stage, "account_id"),
    }


def sentences(explanation: Mapping[str, Any]) -> list[str]:
    """The explanation as a person would say it: who, segment, health, what carries and drags it, stage, a line each."""
    name = explanation["account_name"] or explanation["account_id"]
    lines = [f"{name} ({explanation['account_id']}) on {explanation['snapshot_date']}"]
    for segment in explanation["segments"]:
        pinned = f" (set by {segment['override_author']})" if segment.get("is_overridden") else ""
        # An interval is shorter than the stay: it ends with every other rule or policy. Values are of its first day.
        seen = f" Seen on {segment['valid_from']}: {segment['values_seen']}." if segment.get("values_seen") else ""
        lines.append(
            f"Segment {segment['segment']} of {segment['segment_scheme']}{pinned}, since {segment['segment_since']}:"
            f" {_sentence(segment['reason'])}{seen}{_held(segment)}"
        )
    health = explanation["health"]
    if health["health_score"] is None:
        since = "".join(f" since {span['since']}" for span in health.get("not_scored", ()) if span["until"] is None)
        lines.append(f"Health: not scored{since}. {_sentence(health['reason'])}")
    else:
        trend = f", {health['health_trend']}" if health.get("health_trend") else ""
        lines.append(
            f"Health {health['health_score']} of 100: {health['health_band']}{trend};"
            f" {percent(health['coverage'])} of the weight has fresh data (profile {health['profile']})."
        )
        lines += _overridden(health) or _kept_band(health)
        if health.get("score_limit"):
            rule, weighted = health["score_limit"], health["weighted_score"]
            where = "In the computed score the" if health.get("override_id") else "The"
            lines.append(f"{where} hard rule {rule} overrides the weights: they alone say {weighted}.")
        lines += _carried_and_lost(health)
        lines += _among_peers(health["components"])
    lines += _moved(health)
    lines += [
        f"Not scored from {span['since']} to {span['until']}: {_sentence(span['reason'])}"
        for span in health.get("not_scored", ())
        if span["until"] is not None
    ]
    alone = [item["component"] for item in health["components"] if item["status"] == "too_few_peers"]
    if alone:
        lines.append(f"Too few peers to be judged among: {', '.join(alone)}; their weight went to the others.")
    unheard = [item["component"] for item in health["components"] if item["status"] in ("missing", "stale")]
    if unheard:
        lines.append(f"Without fresh data: {', '.join(unheard)}; their weight went to the others.")
    stage = explanation["stage"]
    if stage is not None:
        lines.append(f"Stage {stage['stage']} since {stage['entered_on']}: {_sentence(stage['reason'])}")
    return lines


def _overridden(health: Mapping[str, Any]) -> list[str]:
    """Who set the score, until when and why, and what stands beside it."""
    if not health.get("override_id"):
        return []
    computed = health["computed_score"]
    beside = "nothing" if computed is None else f"{computed}, {health['computed_band']}"
    return [
        f"Set by {health['override_author']} until {health['override_ends_on']}: {_sentence(health['reason'])}"
        f" Computed beside it: {beside}."
    ]


def _kept_band(health: Mapping[str, Any]) -> list[str]:
    """Why the band is not that of the score."""
    if health.get("computed_band") in (None, health["health_band"]):
        return []
    alone = f"By the score alone it would be {health['computed_band']}"
    return [f"{alone}; a band is kept until the score has passed an edge by the hysteresis of the policy."]


def _held(segment: Mapping[str, Any]) -> str:
    """What the rules alone would say, where something keeps the account from following them."""
    why = _HELD_BY.get(str(segment.get("held_by")))
    return f" The rules alone would say {segment['candidate_segment']}; {why}." if why is not None else ""


_HELD_BY = {
    "confirmation": "it is not confirmed yet",
    "margin": "the edge is not passed by its margin yet",
    "period_start": "changes wait for the start of the period",
    "minimum_tenure": "it has not been in its segment long enough",
    "parent": "it follows its parent account",
    "override": "a person set another",
}


def in_one_sentence(explanation: Mapping[str, Any], mrr: Any, currency: str) -> str:
    """Who, worth how much, in which segment, with which score and why, in which stage."""
    name = explanation["account_name"] or explanation["account_id"]
    health, stage = explanation["health"], explanation["stage"]
    by_scheme = {item["segment_scheme"]: item["segment"] for item in explanation["segments"]}
    segment = by_scheme.get(FIRST_SCHEME, "no segment")
    lost = lost_points(health["components"])[:2]
    carried = [item for item in health["components"] if item["contribution"]][:2]
    because = f", carried by {listed(carried, 'contribution')}" if carried else ""
    if lost:
        because += f", losing most on {listed(lost, 'lost')}"
    change = health.get("health_score_change")
    moved = f" ({float(change):+.1f} since {health['compared_with']})" if change else ""
    ruled = f", set by the hard rule {health['score_limit']}" if health.get("score_limit") else ""
    if health.get("override_id"):
        beside = "nothing" if health["computed_score"] is None else health["computed_score"]
        ruled = f", set by {health['override_author']} until {health['override_ends_on']} (computed: {beside})"
        because = ""
    staged = f"; {stage['stage']} since {stage['entered_on']}" if stage is not None else ""
    return (
        f"{name} ({explanation['account_id']}), {money(mrr)} {currency} a month, {segment}:"
        f" health {health['health_score']} {health['health_band']}{moved}{ruled}{because}{staged}."
    )


def lost_points(components: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Scored components by what they leave out of the score, the most first."""
    scored = [item for item in components if item["status"] == "scored" and item["lost"] and item["lost"] > 0.05]
    return sorted(scored, key=lambda item: (-item["lost"], item["component"]))


def listed(components: Sequence[Mapping[str, Any]], figure: str, *, signed: bool = False) -> str:
    """`a (12.3), b (4.5) and c (1.0)`."""
    parts = [f"{item['component']} ({float(item[figure]):{'+' if signed else ''}.1f})" for item in components]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def percent(share: Any) -> str:
    """A share of 1 as whole per cent."""
    return "0 %" if share is None else f"{100 * float(share):.0f} %"


def _carried_and_lost(health: Mapping[str, Any]) -> list[str]:
    """What the components say, which is not the score where a person set it."""
    components = health["components"]
    carried = [item for item in components if item["contribution"]][:TOLD]
    if health.get("override_id") and not carried:
        return []
    whose = "The computed score is carried" if health.get("override_id") else "Carried"
    lost = lost_points(components)[:TOLD]
    lines = [f"{whose} by {listed(carried, 'contribution')} points."] if carried else []
    return [*lines, f"Most is lost on {listed(lost, 'lost')} points."] if lost else lines


def _among_peers(components: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where the account stands among the customers of its segment, for what is judged so."""
    told = [
        f"{item['component']} at the {_ordinal(item['percentile'])} percentile of {item['peers']} in"
        f" {item['peer_segment']} (its value is {float(item['raw_value']):g})"
        for item in components
        if item["status"] == "scored" and item.get("percentile") is not None
    ]
    return [f"Among its peers: {', '.join(told)}."] if told else []


def _ordinal(percentile: Any) -> str:
    """`83rd`: the nearest whole percentile; nobody is beyond the 1st and the 99th."""
    number = min(max(int(float(percentile) + 0.5), 1), 99)
    ending = "th" if 10 <= number <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


_CAUSES = {
    "begin": "becoming a customer",
    "end": "no longer being a customer",
    "policy": "a new version of the policy",
    "profile": "another profile",
    "missingness": "what is known or no longer known",
    "override": "an override",
}


def _cause(change: Mapping[str, Any], part: str, health: Mapping[str, Any]) -> str:
    if change["cause"] == "peers":
        return f"the peers of {change['component']} {part}"
    named = _named(health.get("came_and_went", ())) if change["cause"] == "missingness" else ""
    return f"{_CAUSES[change['cause']]} {part}{named}"


def _named(components: Sequence[Mapping[str, Any]]) -> str:
    """The components that have a score on one of the two days alone."""
    came = [item["component"] for item in components if item["status"] == "scored"]
    went = [f"{item['component']} ({item['status']})" for item in components if item["status"] != "scored"]
    told = [f"{word} {', '.join(some)}" for word, some in (("newly scored:", came), ("no longer:", went)) if some]
    return f" ({'; '.join(told)})" if told else ""


def _moved(health: Mapping[str, Any]) -> list[str]:
    """How the score moved since the snapshot of the trend.

    First what the customer did: components up and down, and hard rules that it ran into or left. Then what is no
    behaviour.
    """
    changes = health["changes"]
    if not changes:
        return []
    total = sum(float(item["change_part"]) for item in changes)
    data = [item for item in changes if item["cause"] == "data"]
    told = [
        f"{word} by {listed(some, 'change_part', signed=True)}"
        for word, some in (
            ("up", [item for item in data if item["change_part"] > 0][:TOLD]),
            ("down", [item for item in data if item["change_part"] < 0][:TOLD]),
        )
        if some
    ]
    told += [f"by hard rules {float(item['change_part']):+.1f}" for item in changes if item["cause"] == "limit"]
    others = [
        _cause(item, f"{float(item['change_part']):+.1f}", health)
        for item in changes
        if item["cause"] not in ("data", "limit")
    ]
    because = f": {', '.join(told)}" if told else ""
    lines = [f"Since {health['compared_with']} it moved {total:+.1f} points{because}."]
    return [*lines, f"Not by behaviour: {', '.join(others)}."] if others else lines


def _came_and_went(published: Published, account_id: str, since: date | None, snapshot: date) -> list[Row]:
    """Components weighed on both days and scored on one of them alone, with their status on either."""
    return published.rows(
        "select later.component, earlier.status as previous_status, later.status"
        " from fct_health_score_components as later inner join fct_health_score_components as earlier"
        " on later.account_id = earlier.account_id and later.component = earlier.component"
        " where later.account_id = ? and earlier.snapshot_date = ? and later.snapshot_date = ?"
        " and (earlier.status = 'scored') <> (later.status = 'scored') order by later.component",
        [account_id, since, snapshot],
    )


def _spans_without(published: Published, account_id: str, since: date | None, snapshot: date) -> list[Row]:
    """The spans without a score between two snapshots, both included.

    Each goes from its first snapshot, which may lie before, to its last (None while it lasts), with the reason it ended
    with. Reasons that differ by their numbers alone are one.
    """
    rows = published.rows(
        "select snapshot_date, health_score, reason from fct_health_scores where account_id = ? and snapshot_date <= ?"
        " order by snapshot_date",
        [account_id, snapshot],
    )

    def why(row: Row) -> str | None:
        return None if row["health_score"] is not None else re.sub(r"\d", "", row["reason"] or "")

    spans = []
    for reason, group in groupby(rows, why):
        span = list(group)
        last = span[-1]["snapshot_date"]
        if reason is not None and (since is None or last >= since):
            until = None if last == snapshot else last
            spans.append({"since": span[0]["snapshot_date"], "until": until, "reason": span[-1]["reason"]})
    return spans


def _component(row: Row) -> Row:
    """The component's own columns and `lost`: points of the score that full marks in it would add."""
    weight, points = row.get("weight"), row.get("points")
    known = row["status"] == "scored" and weight is not None and points is not None
    lost = round(float(weight or 0) * (100 - float(points or 0)), 2) if known else None
    return {**_without(row, "account_id", "snapshot_date"), "lost": lost}


def _find(published: Published, account: str) -> str:
    rows = published.rows(
        "select account_id from dim_accounts"
        " where account_id = ? or source_account_id = ? or lower(account_name) = lower(?)"
        " union select account_id from fct_health_scores where account_id = ?",
        [account] * 4,
    )
    if len(rows) == 1:
        return str(rows[0]["account_id"])
    if rows:
        raise InputError(
            f"{len(rows)} accounts go by `{account}`",
            f"name one by its id: {', '.join(str(row['account_id']) for row in rows[:3])}",
        )
    known = [str(row["account_id"]) for row in published.rows("select account_id from dim_accounts")]
    close = difflib.get_close_matches(account, known, n=1) or sorted(known)[:1]
    raise InputError(f"no account `{account}` is published", f"ids look like {close[0] if close else 'none at all'}")


def _day(at: str | None) -> date | None:
    try:
        return None if at is None else date.fromisoformat(at)
    except ValueError as error:
        raise InputError(f"`{at}` is not a date", "write --at as YYYY-MM-DD") from error


def _sentence(text: str | None) -> str:
    if not text:
        return "no reason is recorded."
    return text if text.endswith(".") else text + "."


def _without(row: Row, *names: str) -> Row:
    return {key: value for key, value in row.items() if key not in names}
