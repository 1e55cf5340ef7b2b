"""Quotients are exact as far as they are promised to be (macros/adapters/arithmetic.sql)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path

import duckdb
from dbt_runs import compile_sql
from postgres_server import Server

# The promise is 18 whole digits and 4 decimals; what a yen is to a dollar is a hundredth of that.
OPERANDS = [
    *("0.0001", "0.0003", "1", "3", "7.5", "9999.9999", "10000000000", "10000000001", "15000000000.5"),
    *("99999999999999.9999", "123456789012345.6789", "999999999999999999.9999"),
]
PAIRS = [
    (Decimal(sign + a), Decimal(b)) for a in OPERANDS for b in OPERANDS for sign in ("", "-") if Decimal(b) >= 1
] + [(Decimal(1), Decimal(0)), (Decimal("0.0001"), Decimal(2)), (Decimal("-0.0001"), Decimal(2))]
DIVIDE = "select a, b, {{ divide_exact('a', 'b', 4) }} as quotient from pairs"


def expected(a: Decimal, b: Decimal) -> Decimal | None:
    """a / b, rounded half away from zero at four decimals, by Python."""
    if b == 0:
        return None
    return Context(prec=60).divide(a, b).quantize(Decimal("0.0001"), ROUND_HALF_UP, Context(prec=60))


def test_large_operands_are_divided_exactly(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table pairs (a decimal(22, 4), b decimal(22, 4))")
        connection.executemany("insert into pairs values (?, ?)", [[str(a), str(b)] for a, b in PAIRS])
        rows = connection.execute(compile_sql(DIVIDE, tmp_path / "project")).fetchall()
    assert {(a, b): quotient for a, b, quotient in rows} == {(a, b): expected(a, b) for a, b in PAIRS}


def test_large_operands_are_divided_exactly_on_postgres(server: Server, tmp_path: Path) -> None:
    query = compile_sql(DIVIDE, tmp_path / "project", target="postgres", environment=server.environment)
    connection = server.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("create temporary table pairs (a decimal(22, 4), b decimal(22, 4))")
            cursor.executemany("insert into pairs values (%s, %s)", PAIRS)
            cursor.execute(query)
            rows = cursor.fetchall()
    finally:
        connection.close()
    assert {(a, b): quotient for a, b, quotient in rows} == {(a, b): expected(a, b) for a, b in PAIRS}
