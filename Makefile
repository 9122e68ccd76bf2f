# Every target makes .venv from the lock first; a fresh machine needs only python3, make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# A part of the tests: make test ARGS="tests/house -x"
ARGS ?=

# A file's tests stay in one process: they share what the file sets up once.
PYTEST := $(BIN)/python -m pytest --numprocesses=logical --maxprocesses=8 --dist=loadfile -o faulthandler_timeout=900

.DEFAULT_GOAL := help
.PHONY: help install demo test coverage check lint types floors docs spec bench bench-models bench-registry bench-persistence format lock messages clean

help: ## Show these targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 16

install: $(STAMP) ## Make .venv: the lock first, then juggler itself.

$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: $(STAMP) ## Serve three tenants on real data until Ctrl-C.
	$(BIN)/juggler demo

test: $(STAMP) ## Run all tests, on all cores.
	$(PYTEST) $(ARGS)

coverage: $(STAMP) ## Run all tests and report which lines they run.
	$(PYTEST) --cov --cov-report=term:skip-covered $(ARGS)

check: lint types test ## Check everything: lint, format, types, and all tests (floors and docs are among them).

lint: $(STAMP) ## Check with ruff, rules and format.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## Check with mypy --strict, and what users' checkers see with pyright too.
	$(BIN)/mypy src tests/conftest.py tests/house tests/docs tests/spec $(wildcard tests/typing)
	$(BIN)/basedpyright

floors: $(STAMP) ## Check who imports whom, sizes, docstrings, secrets.
	$(BIN)/python -m pytest --quiet tests/house

docs: $(STAMP) ## Run the code blocks of README.md, docs/ and the docstrings.
	$(BIN)/python -m pytest --quiet tests/docs

spec: $(STAMP) ## Show which tests prove which requirement, and which have none.
	$(BIN)/python -m tests.spec.table

bench: $(STAMP) ## Measure against the references, in one run.
	$(BIN)/python -m benchmarks $(ARGS)

bench-models: $(STAMP) ## Measure instances beside pydantic, msgspec, attrs, SQLAlchemy, Django.
	$(BIN)/python -m benchmarks models --full $(ARGS)

# All figures of the registry beside their budgets; make bench-registry ARGS="--size short" for a try.
bench-registry: $(STAMP) ## Measure the registry beside pydantic, SQLAlchemy, Django and type().
	$(BIN)/python -m benchmarks registry --full $(ARGS)

# The original is installed into a temporary folder by npm, if that is there.
bench-persistence: $(STAMP) ## Measure the memory connector and the layer beside the original on Node.
	$(BIN)/python -m benchmarks persistence $(ARGS)

format: $(STAMP) ## Let ruff put the code in order.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Keeps the versions that still fit; LOCK=--upgrade takes the newest.
lock: $(STAMP) ## Write requirements.lock for every platform: names, versions, hashes.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate \
		--all-extras --group dev $(LOCK) --output-file requirements.lock pyproject.toml

# Comments on where a text stands would change with every line; the key says what it is about.
CATALOGUES := src/juggler/messages/locale
messages: $(STAMP) ## Collect the texts into the catalogues of messages and compile them.
	mkdir -p build
	$(BIN)/pybabel --quiet extract --no-default-keywords --keyword message:1c,2 --no-location \
		--omit-header --output-file build/juggler.pot src/juggler/messages
	for each in $(CATALOGUES)/*/; do $(BIN)/pybabel --quiet update --domain juggler \
		--input-file build/juggler.pot --output-dir $(CATALOGUES) --locale $$(basename $$each) \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 100 || exit; done
	$(BIN)/pybabel --quiet compile --domain juggler --directory $(CATALOGUES)

clean: ## Remove .venv and everything that was made.
	rm -rf $(VENV) .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
