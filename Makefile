# Every target needs Python 3.11 or newer and nothing else: it makes its own environment first, once.
PYTHON ?= python3
VENV ?= .venv
# A number, or `auto` for one worker per core.
WORKERS ?= auto
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# One worker is one core's work: without these, every worker would start threads for the whole machine.
TEST_ENV := XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" OMP_NUM_THREADS=1 \
	MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 XLA_PYTHON_CLIENT_PREALLOCATE=false MPLBACKEND=agg

.DEFAULT_GOAL := help
.PHONY: help install sp4 test test-fast lint format types storeys examples gates ci bench bench-peers clean

help:  ## What there is to make
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# ------------------------------------------------------------------------------------------------- environments
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "magjax needs Python 3.11 or newer: \
	make PYTHON=python3.12 …")'
	@echo "Making an environment in $(VENV) and installing what magjax needs: some minutes, once."
	$(PYTHON) -m venv $(VENV)

# A stamp per set of packages, so that a second call installs nothing.
$(VENV)/.run: $(BIN)/python pyproject.toml
	$(PIP) install -e .
	@touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml
	$(PIP) install -e ".[test,fast]"
	@touch $@ $(VENV)/.run

$(VENV)/.dev: $(BIN)/python pyproject.toml
	$(PIP) install -e ".[dev,fast]"
	@touch $@ $(VENV)/.test $(VENV)/.run

$(VENV)/.all: $(BIN)/python pyproject.toml
	$(PIP) install -e ".[dev,fast,plot3d,posterior,ubermag]"
	@touch $@ $(VENV)/.dev $(VENV)/.test $(VENV)/.run

install: $(VENV)/.run  ## Only the environment, in .venv

# --------------------------------------------------------------------------------------------------- the two commands
sp4: $(VENV)/.run  ## Run standard problem 4 of muMAG, afresh each time
	$(BIN)/magjax run configs/standard_problem_4.toml --overwrite

test: $(VENV)/.test  ## Run every test
	$(TEST_ENV) $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

# ------------------------------------------------------------------------------------------------------ while working
test-fast: $(VENV)/.test  ## Run the tests that take seconds
	$(TEST_ENV) $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 --dist worksteal -m "not slow" $(ARGS)

lint: $(VENV)/.dev  ## Style, and the format of the source
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev  ## Put the source into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev  ## Types
	$(BIN)/pyright --pythonpath $(BIN)/python

storeys: $(VENV)/.dev  ## Imports only go down the storeys
	$(BIN)/lint-imports --no-cache

examples: $(VENV)/.test  ## Every example in docstrings and README
	$(TEST_ENV) $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 -q tests/test_docstrings.py tests/test_public_names.py

ci: ## What continuous integration runs
	.ci/run

# --------------------------------------------------------------------------------------------------------- benchmarks
bench: $(VENV)/.test  ## Time magjax (and its peers, after `make bench-peers`)
	$(BIN)/python benchmarks/run.py $(ARGS)

# The peers bring torch; an environment of their own keeps it out of ours.
bench-peers: $(VENV)-bench/.peers  ## Install the peers that `make bench` compares with, in .venv-bench

$(VENV)-bench/.peers: benchmarks/requirements-peers.txt
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip --quiet --disable-pip-version-check install -r $<
	@touch $@

clean:  ## Remove environments and caches
	rm -rf .venv .venv-bench .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
