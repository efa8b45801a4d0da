# `make report` builds the embedded study; `make test` checks the project in minutes;
# `make test-all` also runs the tests that take long, kill processes or start a Dask cluster.
# Each first sets up a private environment, once.

PYTHON ?= python3
ENV    := .venv
READY  := $(ENV)/.ready

.PHONY: report lint test test-all setup

report: $(READY)
	@$(ENV)/bin/latentes build

lint: $(READY)
	@$(ENV)/bin/ruff check --quiet .
	@$(ENV)/bin/ruff format --check --quiet .
	@$(ENV)/bin/mypy

# One process per core.
PYTEST = $(ENV)/bin/pytest --numprocesses=auto --dist=worksteal

test: lint
	@$(PYTEST) -m 'not slow and not crash and not cluster'

test-all: lint
	@$(PYTEST)

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo 'Python 3.11 to 3.14 is needed; set PYTHON=/path/to/python3.'; exit 1; }
	@$(PYTHON) make_venv.py $(ENV)
	@touch $@
