# The front door: `make report` builds the study, `make test` checks the house.
# Both set up a private environment first, once.

PYTHON ?= python3
ENV    := .venv
READY  := $(ENV)/.ready

.PHONY: report test setup

report: $(READY)
	@$(ENV)/bin/latentes build

test: $(READY)
	@$(ENV)/bin/ruff check --quiet .
	@$(ENV)/bin/ruff format --check --quiet .
	@$(ENV)/bin/mypy
	@$(ENV)/bin/pytest

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo 'Python 3.11 or newer is needed; set PYTHON=/path/to/python3.'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is %d.%d; set PYTHON=/path/to/python3." % sys.version_info[:2])'
	@echo 'Setting up $(ENV) (once; about 5 GB, a few minutes) ...'
	@$(PYTHON) -m venv $(ENV)
	@$(ENV)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes -r requirements.lock
	@$(ENV)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .
	@touch $@
