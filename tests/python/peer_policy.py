"""A policy that judges a component among peers, which the shipped one does not; for the tests."""

from __future__ import annotations

import datetime as dt

JUDGED = "ticket_load"


def among_peers(schema: str, where: str) -> str:
    """SQL that lets the tickets of the rows `where` be judged among the customers of the same touch model."""
    row = f"component = '{JUDGED}' and {where}"
    return (
        f"update {schema}.score_components set peer_scheme = 'touch_model' where {row};"
        f" delete from {schema}.score_points where {row} and lower_bound > 0;"
        f" update {schema}.score_points set lower_bound = 0, upper_bound = 100, points_at_lower = 100,"
        f" points_at_upper = 0 where {row};"
        f" insert into {schema}.score_points select * replace (100 as lower_bound, null as upper_bound,"
        f" 0 as points_at_lower) from {schema}.score_points where {row}"
    )


def among_peers_since(schema: str, since: dt.date) -> str:
    """The same from a day on, as a version of its own."""
    dated = f"date '{since}' as valid_from, null as valid_to, 'among_peers' as policy_version"
    statements = []
    for table in ("score_components", "score_points"):
        of_it = f"component = '{JUDGED}'"
        statements += [
            f"update {schema}.{table} set valid_to = date '{since}' where {of_it} and valid_to is null",
            f"insert into {schema}.{table} select * replace ({dated}) from {schema}.{table} where {of_it}",
        ]
    statements += [
        f"update {schema}.policy_versions set valid_to = date '{since}' where valid_to is null",
        f"insert into {schema}.policy_versions select * replace ({dated}) from {schema}.policy_versions",
        among_peers(schema, "policy_version = 'among_peers'"),
    ]
    return "; ".join(statements)
