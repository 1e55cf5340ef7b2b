"""`python -m strata.generate` is `strata generate`."""

from __future__ import annotations

import sys

import typer

from strata.console import show_error
from strata.errors import StrataError
from strata.generate.command import generate_command

if __name__ == "__main__":
    app = typer.Typer(add_completion=False)
    app.command()(generate_command)
    try:
        app()
    except StrataError as error:
        show_error(error)
        sys.exit(error.exit_code)
