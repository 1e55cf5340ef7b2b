# The commands of this project. Everything is set up on the way: a virtual environment in .venv with the locked packages, nothing
# outside this folder. Needs Python 3.11 or newer, and make.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9

# The generated company: make demo ACCOUNTS=200 makes a smaller one.
ACCOUNTS ?= 1000
MONTHS ?= 24
SEED ?= 7
AS_OF ?= 2026-06-30
# The engine, a target of profiles.yml: make demo TARGET=postgres
TARGET ?= dev
MADE_WITH := $(ACCOUNTS)-$(MONTHS)-$(SEED)-$(AS_OF)

# The real files; make demo-miaad RAW=/some/folder
MIAAD := ../shared/data/miaad_saas_growth
RAVENSTACK := ../shared/data/ravenstack

export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export PYTHONUTF8 := 1
# Where a company’s proxy signs with a certificate of its own, uv must ask the system as pip does.
export UV_SYSTEM_CERTS := true
# Without compiled modules every start of dbt compiles more than a thousand of them, for seconds; images of Python forbid keeping them.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH VIRTUAL_ENV PYTHONHOME DBT_PROFILES_DIR DBT_TARGET_PATH DBT_LOG_PATH STRATA_BUILD_DB

.PHONY: help demo demo-miaad demo-ravenstack bench bench-docs test lint pytest dbt-test test-spark dialects lock clean setup setup-dev setup-bench setup-calibrate setup-postgres setup-spark

help: ## Show these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | while IFS='|' read -r name what; do printf '  make %-16s %s\n' "$$name" "$$what"; done

# --- set-up ----------------------------------------------------------------------------------------------------------------

setup: $(VENV)/.runtime ## Set up what running needs (the other commands do it by themselves)

setup-dev: $(VENV)/.dev ## Set up what testing needs too

$(VENV)/.uv: requirements-uv.lock
	@[ -n "$(PYTHON)" ] || { echo "error: no Python found; install Python 3.11 or newer, or name it with make PYTHON=…" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than Python 3.11; name another with make PYTHON=…" >&2; exit 2; }
	@echo "→ set up $(VENV)" >&2
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock || echo "  uv cannot be had; pip installs instead" >&2
	@touch $@

# $(1): a lock file. Every package is checked against its hash; uv is quicker, pip does the same where uv cannot.
install = $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
# The project itself: no network, no build environment of its own; setuptools comes from the lock.
install_project = $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .

$(VENV)/.runtime: $(VENV)/.uv requirements.lock pyproject.toml
	@echo "→ install the locked packages" >&2
	@$(call install,requirements.lock)
	@$(install_project)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "→ install the locked packages for testing" >&2
	@$(call install,requirements-dev.lock)
	@touch $@

setup-bench: $(VENV)/.engine-bench ## Set up what the benchmark draws with and is measured against

setup-calibrate: $(VENV)/.engine-calibrate ## Set up what the churn risk is fitted with

setup-postgres: $(VENV)/.engine-postgres ## Set up what building on PostgreSQL needs

setup-spark: $(VENV)/.engine-spark ## Set up what building on Spark needs, half a gigabyte; `make test` then tests Spark, too

# What an engine, or the benchmark, needs beside that: one lock an extra of pyproject.toml.
$(VENV)/.engine-dev: $(VENV)/.runtime
	@touch $@

$(VENV)/.engine-%: $(VENV)/.runtime requirements-%.lock
	@echo "→ install the locked packages for $*" >&2
	@$(call install,requirements-$*.lock)
	@touch $@

# --- demos -----------------------------------------------------------------------------------------------------------------

demo: $(VENV)/.engine-$(TARGET) raw/.made-$(MADE_WITH) ## Make a company, build it, publish it, show what came out
	@$(BIN)/strata load --target $(TARGET)
	@$(BIN)/strata build --as-of $(AS_OF) --target $(TARGET)
	@$(BIN)/strata summary --target $(TARGET)

raw/.made-$(MADE_WITH): $(VENV)/.runtime $(wildcard python/strata/generate/*.py)
	@echo "→ generate $(ACCOUNTS) accounts" >&2
	@$(BIN)/strata generate --accounts $(ACCOUNTS) --months $(MONTHS) --seed $(SEED) --as-of $(AS_OF) --out raw
	@touch $@

demo-miaad: RAW = $(MIAAD)
demo-miaad: $(VENV)/.runtime ## The same for the files of miaad_saas_growth: RAW=folder
	@$(BIN)/strata build --company miaad --raw-dir "$(RAW)" --warehouse warehouse/miaad
	@$(BIN)/strata summary --company miaad --warehouse warehouse/miaad

demo-ravenstack: RAW = $(RAVENSTACK)
demo-ravenstack: $(VENV)/.runtime ## The same for the files of ravenstack: RAW=folder
	@$(BIN)/strata build --company ravenstack --raw-dir "$(RAW)" --warehouse warehouse/ravenstack
	@$(BIN)/strata summary --company ravenstack --warehouse warehouse/ravenstack

# --- benchmark -------------------------------------------------------------------------------------------------------------

# make bench BENCH_ACCOUNTS=20000 BENCH_EVENTS=50000000 BENCH_GROWTH=1 BENCH_MEMORY_LIMIT=6GB
BENCH_ACCOUNTS ?= 400
BENCH_EVENTS ?= 400000
BENCH_MONTHS ?= 24
BENCH_GROWTH ?= 1,2,4
BENCH_HISTORY ?= 6,12,24
BENCH_INCREMENT_ACCOUNTS ?= $(BENCH_ACCOUNTS)
BENCH_PEER_ACCOUNTS ?=
BENCH_REPEATS ?= 1
BENCH_MEMORY_LIMIT ?=
BENCH_OUT ?= target/bench
# More options of `strata bench`, like --no-peers or --strict
BENCH_MORE ?=

bench: setup-bench ## Measure builds, daily runs and other tools: BENCH_ACCOUNTS=400 BENCH_EVENTS=400000 BENCH_GROWTH=1,2,4 …
	@$(BIN)/strata bench --as-of $(AS_OF) --accounts $(BENCH_ACCOUNTS) --events $(BENCH_EVENTS) --months $(BENCH_MONTHS) --growth "$(BENCH_GROWTH)" --history "$(BENCH_HISTORY)" --increment-accounts $(BENCH_INCREMENT_ACCOUNTS) --peer-accounts "$(BENCH_PEER_ACCOUNTS)" --repeats $(BENCH_REPEATS) $(if $(BENCH_MEMORY_LIMIT),--memory-limit $(BENCH_MEMORY_LIMIT)) --out $(BENCH_OUT) $(BENCH_MORE)

bench-docs: setup-bench ## Put the last benchmark into docs/performance.md
	@$(BIN)/strata bench --from $(BENCH_OUT)/bench.json --out $(BENCH_OUT) --write-docs

# --- tests -----------------------------------------------------------------------------------------------------------------

# The first two side by side: neither keeps two processors busy by itself.
test: $(VENV)/.dev raw/.made-$(MADE_WITH) ## Lint, dbt tests on the generated company, pytest
	@$(MAKE) --no-print-directory --jobs 2 lint dbt-test
	@$(MAKE) --no-print-directory pytest

lint: $(VENV)/.dev ## ruff, mypy --strict, sqlfluff
	@$(BIN)/ruff check python tests
	@$(BIN)/mypy python
	@$(BIN)/sqlfluff lint models --processes 2 --disable-progress-bar

# What somebody without this package would type, unit tests included.
dbt-test: $(VENV)/.dev raw/.made-$(MADE_WITH)
	@mkdir -p target/test
	@STRATA_BUILD_DB=target/test/build.duckdb $(BIN)/dbt build --quiet --target-path target/test --vars '{as_of_date: "$(AS_OF)"}'
	@echo "dbt build with all its tests passed"

# A file of tests shares what it built, so a file stays with one of the two.
pytest: $(VENV)/.dev raw/.made-$(MADE_WITH)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# By itself, and part of `make test` only where Spark is set up, for what it installs weighs half a gigabyte. Its versions are those of the other locks, so .venv stays what it was.
test-spark: $(VENV)/.dev $(VENV)/.engine-spark ## The tests of Spark; wants Java 17
	@[ -n "$${JAVA_HOME:-}" ] || command -v java >/dev/null || { echo "error: no Java found; install Java 17 (Debian: apt-get install openjdk-17-jre-headless)" >&2; exit 2; }
	@$(BIN)/python -m pytest tests/python/test_spark.py tests/python/test_dialects.py -k spark

# --- upkeep ----------------------------------------------------------------------------------------------------------------

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-strip-extras --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

dialects: $(VENV)/.dev $(VENV)/.engine-spark ## Write into docs/engines.md what would not work on warehouses that nobody ran it on
	@$(BIN)/strata dialects --write

# The longest list first, the others by it: what is installed one after the other never takes back a version.
lock: $(VENV)/.uv ## Work out the lock files anew from pyproject.toml and constraints.txt
	@$(COMPILE) pyproject.toml --extra dev -c constraints.txt -o requirements-dev.lock
	@$(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock
	@$(COMPILE) pyproject.toml --extra postgres -c requirements-dev.lock -o requirements-postgres.lock
	@$(COMPILE) pyproject.toml --extra spark -c requirements-dev.lock -o requirements-spark.lock
	@$(COMPILE) pyproject.toml --extra bench -c requirements-dev.lock -o requirements-bench.lock
	@$(COMPILE) pyproject.toml --extra calibrate -c requirements-dev.lock -o requirements-calibrate.lock
	@echo 'uv==$(UV_VERSION)' | $(COMPILE) - -o requirements-uv.lock

# Not what remembers: the published files hold the ledger of publications, the files of the builds what the sources said when. Nor a
# raw folder that was not generated.
clean: ## Remove what the commands made, except .venv and what is published
	@rm -rf target logs reports .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@[ ! -d raw/_truth ] || rm -rf raw
	@find warehouse -mindepth 1 -depth ! -name .gitkeep ! -name strata.duckdb ! -name build.duckdb ! -type d -delete
	@find warehouse -mindepth 1 -depth -type d -empty -delete
