"""`python -m strata` is the command `strata`."""

from strata.cli import run

if __name__ == "__main__":
    run()
