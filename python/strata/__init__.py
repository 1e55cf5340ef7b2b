"""Strata: segments, health scores and journey stages inside your own warehouse.

The package wraps the dbt project with what SQL cannot do: a gate before the build, an audit and an atomic publication
after it. It holds no business rule; those are SQL models and policy seeds.
"""

__version__ = "0.1.0"
