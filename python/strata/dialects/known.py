"""What is known of the four dialects: functions they have, and what parses there and yet fails or means another thing.

Written by hand for what the models use. A function that is not listed is reported, whether it is missing there or
nobody has looked it up: an entry here is a promise, so look it up first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True)
class Dialect:
    """A dialect. engine: the target of profiles.yml whose compiled SQL comes nearest; parents: the adapters whose
    macros dbt takes where the dialect's own adapter has none, in that order.
    """

    name: str
    engine: str
    parents: tuple[str, ...]


DIALECTS: tuple[Dialect, ...] = (
    Dialect("snowflake", "spark", ()),
    Dialect("bigquery", "spark", ()),
    Dialect("databricks", "spark", ("spark",)),
    Dialect("redshift", "postgres", ("postgres",)),
)

# How dbt's targets are called by sqlglot.
ENGINES: Mapping[str, str] = {"dev": "duckdb", "postgres": "postgres", "spark": "spark"}


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_EVERYWHERE = words(
    """
    abs cast coalesce count dense_rank exp floor greatest lag last_value lead least length lower max md5 min mod nullif
    power rank regexp_replace replace round row_number sign sqrt sum trim upper
    """
)

FUNCTIONS: Mapping[str, frozenset[str]] = {
    "snowflake": _EVERYWHERE
    | words(
        """
        array_agg array_sort array_to_string bitand bitnot bitoragg datediff date_trunc greatest_ignore_nulls
        json_extract_path_text least_ignore_nulls month object_construct regexp_like rtrim split_part substring
        timestampadd timestampdiff to_date transform trunc try_cast try_parse_json year
        """
    ),
    "bigquery": _EVERYWHERE
    | words(
        """
        array_agg array_to_string bit_count bit_or date_diff div extract json_extract_scalar regexp_contains rtrim
        safe_cast struct substring timestamp_add timestamp_millis timestamp_seconds timestamp_trunc to_hex unix_seconds
        """
    ),
    "databricks": _EVERYWHERE
    | words(
        """
        array_join array_sort bit_count bit_or collect_list datediff date_add date_trunc get_json_object month
        regexp_like split_part struct substring timestamp_millis timestamp_seconds transform try_cast try_parse_json
        unix_seconds year
        """
    ),
    "redshift": _EVERYWHERE | words("bit_or extract json_extract_path_text listagg split_part substring trunc"),
}

# Why a function that is not there is no reason to give up: who writes it instead.
WRITTEN_BY: Mapping[str, str] = {
    "bit_count": "macro bit_count",
    "bitwise_count": "macro bit_count",
    "split_part": "dbt.split_part, which the dialect’s own adapter writes its way",
    "timestamp_millis": "macro to_timestamp_utc",
    "timestamp_seconds": "macro to_timestamp_utc",
    "timestamp_utc": "macros to_timestamp_utc and prepare_engine",
    "transform": "dbt.listagg, which the dialect’s own adapter writes its way",
    "try_json": "macros json_text, json_is_readable and prepare_engine",
    "try_number": "macros try_to and prepare_engine",
    "try_parse_json": "macros json_text and json_is_readable",
    "try_timestamp": "macros try_to and prepare_engine",
}


@dataclass(frozen=True)
class Trap:
    """Something that parses and yet fails or means another thing. found: the nodes of a query that are it.

    dialects: where; empty is everywhere, because sqlglot passes it on as it is. translated: look for it in the
    translated query too, and not only in what dbt compiled.
    """

    name: str
    why: str
    found: Callable[[exp.Expr], bool]
    dialects: frozenset[str] = frozenset()
    translated: bool = True


def _running_aggregate(node: exp.Expr) -> bool:
    return (
        isinstance(node, exp.Window)
        and isinstance(node.this, exp.Sum | exp.Max | exp.Min | exp.Count | exp.Avg)
        and node.args.get("order") is not None
        and node.args.get("spec") is None
    )


def _free_division(node: exp.Expr) -> bool:
    # The form of divide_exact that divides with / takes the remainder off first, and guards against 0.
    return isinstance(node, exp.Div) and node.expression.find(exp.Nullif) is None


def _last_without_frame(node: exp.Expr) -> bool:
    return (
        isinstance(node, exp.Window)
        and node.find(exp.LastValue, exp.FirstValue, exp.NthValue) is not None
        and node.args.get("order") is not None
        and node.args.get("spec") is None
    )


def _long_scale(node: exp.Expr) -> bool:
    if not (isinstance(node, exp.DataType) and node.this == exp.DataType.Type.DECIMAL and len(node.expressions) == 2):
        return False
    return int(node.expressions[1].name) > 9


def _replaces_all(node: exp.Expr) -> bool:
    return isinstance(node, exp.RegexpReplace) and any(
        isinstance(value, exp.Literal) and value.is_string and value.name == "g"
        for key, value in node.args.items()
        if key not in ("this", "expression", "replacement")
    )


TRAPS: tuple[Trap, ...] = (
    Trap("`asof join`", "other words and other rules for ties", lambda node: node.args.get("method") == "ASOF"),
    Trap("`pivot … using`", "the values must be listed", lambda node: isinstance(node, exp.Pivot)),
    Trap(
        "`arg_max`, `arg_min`",
        "ties and nulls are decided otherwise, where it exists",
        lambda node: isinstance(node, exp.ArgMax | exp.ArgMin),
    ),
    Trap(
        "`group by all`",
        "missing on Redshift, and groups by another list elsewhere",
        lambda node: isinstance(node, exp.Group) and bool(node.args.get("all")),
    ),
    Trap(
        "`range()` or `generate_series` as a table",
        "other functions, and other ends",
        lambda node: (
            isinstance(node, exp.GenerateSeries)
            or (
                isinstance(node, exp.Table)
                and isinstance(node.this, exp.Anonymous)
                and node.this.name.lower() == "range"
            )
        ),
    ),
    Trap(
        "`/`",
        "every engine has a scale of its own, and some keep whole numbers whole; only `divide_exact` is equal on all",
        _free_division,
        translated=False,
    ),
    Trap(
        "running `sum`, `max`, `min` … `over (… order by …)` without a frame",
        "refused: an aggregate with an order needs `rows unbounded preceding` there",
        _running_aggregate,
        frozenset({"redshift"}),
    ),
    Trap(
        "`last_value`, `first_value` without a frame",
        "the frame is the whole partition there, not up to the current row",
        _last_without_frame,
        frozenset({"snowflake"}),
    ),
    Trap(
        "`regexp_like`",
        "matches whole texts only there; a pattern for a part of a text needs `.*` around it",
        lambda node: isinstance(node, exp.RegexpLike),
        frozenset({"snowflake"}),
    ),
    Trap(
        "`timestamptz` for times without zone",
        "sqlglot writes it for Spark’s one kind of time; `timestamp_ntz` is meant (macro to_timestamp_utc)",
        lambda node: isinstance(node, exp.DataType) and node.this == exp.DataType.Type.TIMESTAMPTZ,
        frozenset({"snowflake"}),
    ),
    Trap(
        "decimals with a scale above 9",
        "`numeric` ends at 9 there; `bignumeric` is meant (macro try_to)",
        _long_scale,
        frozenset({"bigquery"}),
    ),
    Trap(
        "`div()`",
        "not there, and sqlglot loses brackets and digits where it translates it (macro divide_exact)",
        lambda node: isinstance(node, exp.IntDiv),
        frozenset({"redshift"}),
        translated=False,
    ),
    Trap(
        "`lateral` before a subquery",
        "not there (macro raw_rows_padded)",
        lambda node: isinstance(node, exp.Lateral),
        frozenset({"redshift"}),
    ),
    Trap(
        "`collate` after an expression",
        "takes other names there, and texts are in binary order anyway (macros binary_order, lower_case)",
        lambda node: isinstance(node, exp.Collate),
        frozenset({"redshift"}),
    ),
    Trap(
        "`regexp_replace(…, 'g')`",
        "the fourth argument is a position there, and all matches are replaced anyway (macro regexp_replace_all)",
        _replaces_all,
        frozenset({"redshift", "snowflake"}),
    ),
    Trap(
        "`cast(… as bit(64))`",
        "no such type there (macro bit_count)",
        lambda node: isinstance(node, exp.DataType) and node.this == exp.DataType.Type.BIT,
        frozenset({"redshift"}),
    ),
    Trap(
        "functions of the project’s own, in PL/pgSQL",
        "not there: scalar functions are SQL or Python (macro prepare_engine)",
        lambda node: isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous),
        frozenset({"redshift"}),
    ),
)

# Macros whose form dbt finds for a dialect, by default or from a parent, and which would not do there.
# (dialect, macro) -> why.
UNFIT: Mapping[tuple[str, str], str] = {
    ("snowflake", "bit_count"): "no such function",
    ("snowflake", "local_date_in_zone"): "`convert_timezone` instead of `at time zone`",
    ("snowflake", "local_to_utc_from_zone"): "`convert_timezone` instead of `at time zone`",
    ("snowflake", "regexp_replace_all"): "the fourth argument is a position",
    ("snowflake", "without_blanks"): "`trim` takes spaces only",
    ("bigquery", "local_date_in_zone"): "`date(…, zone)` instead of `at time zone`",
    ("bigquery", "local_to_utc_from_zone"): "`datetime(timestamp(…, zone), 'UTC')` instead of `at time zone`",
    ("bigquery", "regexp_replace_all"): "three arguments",
    ("bigquery", "try_to"): "`safe_cast`, and decimals without digits",
    ("bigquery", "type_double"): "`float64`",
    ("redshift", "binary_order"): 'no `collate "C"` after an expression; not needed',
    ("redshift", "bit_count"): "neither the function nor bit strings",
    ("redshift", "divide_exact"): "no `div()`",
    ("redshift", "json_is_readable"): "no PL/pgSQL functions; `can_json_parse`",
    ("redshift", "json_text"): "no PL/pgSQL functions; `json_extract_path_text` with its null argument",
    ("redshift", "lower_case"): "no `collate` after an expression; not needed",
    ("redshift", "choose_joins"): "no `set local`, and no such setting; leave it empty there",
    ("redshift", "prepare_engine"): "no PL/pgSQL functions; `create function … language sql` or Python",
    ("redshift", "raw_rows_padded"): "no `lateral` before a subquery",
    ("redshift", "regexp_replace_all"): "the fourth argument is a position",
    ("redshift", "to_timestamp_day_first"): "no PL/pgSQL functions",
    ("redshift", "to_timestamp_utc"): "no PL/pgSQL functions",
    ("redshift", "try_to"): "no PL/pgSQL functions, and no cast that gives null",
    ("redshift", "without_blanks"): "`trim` takes spaces only",
}
