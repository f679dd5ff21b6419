# An Sinh. On a fresh machine with Python 3.11+ and make: `make demo`, `make test`. They never ask.
SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2])' 2>/dev/null; then echo $$p; break; fi; done)
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# make demo, make register, make sandbox: PORT= (8000).
# make demo: EXIT=1 stops at the end; SEED= and HOUSEHOLDS= change the population.
# make register: ROWS= lines of the spreadsheet (2000); EXIT=1 stops at the end.
# make soak: SECONDS= (60), SEED= (any), TRANSPORT=local (rabbitmq).
export SEED HOUSEHOLDS ROWS EXIT NO_INSTALL
# A run starts dozens of processes, each of which would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo register sandbox test test-fast test-reliability soak lint types imports contracts client bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make the virtual environment from the lock

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found."; exit 1; }
	@echo "==> environment: $(VENV) with $(PYTHON), packages from requirements.lock"
	@if command -v uv >/dev/null 2>&1; then \
		{ test -x $(BIN)/python || uv venv -q --python $(PYTHON) $(VENV); } && \
		uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock && \
		uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		{ test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); } && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

demo: $(STAMP) ## Run the main job on published figures and leave it running (EXIT=1: stop)
	@$(BIN)/ansinh demo

register: $(STAMP) ## The register of three communes through the year 2025, by API (ROWS=, EXIT=1)
	@$(BIN)/ansinh register

sandbox: $(STAMP) ## A partner's sandbox at http://localhost:8000 (docs/partners.md)
	@$(BIN)/ansinh sandbox

# Types and import rules run beside the tests; what they complain of stands below the tests' own words.
test: $(STAMP) ## Everything: format, lint, types, import rules, all tests
	@$(BIN)/python tools/prepare_broker.py
	@$(MAKE) --no-print-directory lint
	@echo "==> mypy --strict and import rules, beside pytest"
	@$(MAKE) --no-print-directory types imports > $(VENV)/beside.log 2>&1 & beside=$$!; \
	$(BIN)/python -m pytest -q -n 4 --dist worksteal; tests=$$?; \
	wait $$beside || { cat $(VENV)/beside.log; exit 1; }; exit $$tests

test-fast: $(STAMP) ## The tests that need no database and no broker
	@$(BIN)/python -m pytest -q tests/unit tests/contract

test-reliability: $(STAMP) ## The failure suite alone: all twenty modes, and a minute's soak
	@$(BIN)/python tools/prepare_broker.py
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal tests/reliability

soak: $(STAMP) ## Every fault at random under load: SECONDS=600 SEED=1 TRANSPORT=rabbitmq
	@$(BIN)/python tools/prepare_broker.py
	@$(BIN)/python -m tests.reliability.soak --seconds $(or $(SECONDS),60) \
		--transport $(or $(TRANSPORT),rabbitmq) $(if $(SEED),--seed $(SEED))

lint: $(STAMP) ## Format and lint, as a check
	@echo "==> ruff"
	@$(BIN)/ruff format --check -q . || { echo "run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check -q .

types: $(STAMP) ## Strict types
	@echo "==> mypy --strict"
	@$(BIN)/mypy

imports: $(STAMP) ## The rules between the rooms
	@echo "==> import rules"
	@$(BIN)/lint-imports --no-cache > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }

contracts: $(STAMP) ## Generate schemas, AsyncAPI, samples and OpenAPI anew
	@$(BIN)/python -m tools.contracts

client: contracts ## Generate the typed Python client of the partner API anew
	@$(BIN)/python -m tools.client

bench: $(STAMP) ## Every benchmark: a figure, and its ratio to a floor of the same run
	@for program in benchmarks/bench_*.py; do echo "==> $$program"; $(BIN)/python -m benchmarks.$$(basename $$program .py) || exit 1; done

lock: $(STAMP) ## Resolve both locks anew, the whole one and the image's (needs uv)
	@uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate -q -o requirements.lock
	@uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes -c requirements.lock \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate -q -o deploy/requirements.lock

clean: ## Delete the environment and the demo's data
	@if test -x $(BIN)/ansinh; then $(BIN)/ansinh clean; fi
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
