# The two commands of the README are `make demo` and `make test`; `make help` lists the others.
# The first interpreter that runs and is new enough; a version manager's stub may exist and still not run.
PYTHON ?= $(shell for p in python3 python3.12 python3.13 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV := 0.13.9
# The longest files first, so that none is left over for one worker at the end (tests/conftest.py orders them).
WORKERS := -n auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint check format dev lock clean benchmark

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "CX Score needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV)"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock || $(BIN)/python -m pip install --quiet -r requirements.lock
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --editable . || $(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

setup: $(STAMP) ## create .venv from the lock

demo: setup ## run four weeks of built-in demo data, end to end
	@$(BIN)/cxscore demo

test: setup ## run every test
	$(BIN)/python -m pytest $(WORKERS)

lint: setup ## format, lint, types, import rule, SQL
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory -j2 -O types sql

.PHONY: types sql
types:
	$(BIN)/basedpyright

sql:
	$(BIN)/sqlfluff lint --processes 2 dbt_project

check: lint ## lint and the fast tests
	$(BIN)/python -m pytest $(WORKERS) -m "not slow"

format: setup ## format Python and SQL
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix dbt_project

dev: setup ## the Dagster UI on http://localhost:3000
	@$(BIN)/python -m orchestration.dev

benchmark: setup ## measure every stage on 10,000 demo conversations
	$(BIN)/python benchmarks/end_to_end.py

.PHONY: bench-peers bench-engine bench-marts bench-connectors
bench-peers: setup ## CPU of one LLM call against the clients that others use; installs those under .cx/bench
	$(BIN)/python -m benchmarks.peers.compare --calls 1000 --rounds 5

bench-engine: setup ## rate limits, faults, cache, kill -9, transport, speed and memory of the scoring engine
	$(BIN)/python -m benchmarks.engine

bench-marts: setup ## the marts over 100,000 and 1,000,000 scored conversations, each against its bare query
	$(BIN)/python -m benchmarks.marts

bench-connectors: setup ## a helpdesk's backfill against its rate limit, and the memory of a growing day
	$(BIN)/python -m benchmarks.connectors

lock: setup ## pin all dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra postgres --extra calibrate --extra dev \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean: ## remove everything that runs and tools have written
	rm -rf .cx .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
