# Two commands: `make demo` starts the platform, `make test` proves it. The rest is for those who build it.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
APP := $(VENV)/.ready
DEV := $(VENV)/.ready-for-tests
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test bench bench-judging bench-matching bench-matching-scale lint shape migration clean
help:
	@echo "make demo   start the platform with demo data on http://127.0.0.1:$(PORT) (PORT=… changes the port)"
	@echo "make test   every test: SQLite, PostgreSQL, browser journeys; installs what it needs"
	@echo "make lint   style and types        make shape   sizes of files and functions"
	@echo "make bench-judging   how near each rule of judging comes to the true order; plans of judges"
	@echo "make bench-matching   judged needs and papers: how often the right helper comes first, by each engine"
	@echo "make bench-matching-scale   100 000 helpers: one need, all needs, an edit, growth to a million"
	@echo "make bench  measured ratios        make migration MESSAGE='…'   write a migration from the models"

demo: $(APP)
	@PORT=$(PORT) exec $(BIN)/matchmaker demo

test: $(DEV)
	@exec $(BIN)/python -m tests.run

bench: $(DEV)
	@exec $(BIN)/python -m pytest tests/benchmarks -m bench -q -s

bench-judging: $(DEV)
	@exec $(BIN)/python -m pytest tests/benchmarks/test_judging.py tests/benchmarks/test_judge_assignment.py -m bench -q -s

bench-matching: $(DEV)
	@exec $(BIN)/python -m pytest tests/benchmarks/test_matching_quality.py -m bench -q -s

bench-matching-scale: $(DEV)
	@exec $(BIN)/python -m pytest tests/benchmarks/test_matching_scale.py -m bench -q -s

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

shape: $(DEV)
	@$(BIN)/python -m tests.architecture.shape

migration: $(DEV)
	@$(BIN)/python -m tests.migrations.write "$(MESSAGE)"

clean:
	rm -rf $(VENV) build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing; install it with: sudo apt-get install python3-venv"; exit 1; }
	@echo "creating the environment in $(VENV) (once, about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade "pip>=25.1"

$(APP): pyproject.toml constraints.txt hatch_build.py | $(BIN)/python
	@echo "installing the locked dependencies"
	@$(PIP) install -c constraints.txt -e ".[semantic]"
	@touch $@

$(DEV): pyproject.toml constraints.txt hatch_build.py | $(BIN)/python
	@echo "installing the locked dependencies and the test tools"
	@$(PIP) install -c constraints.txt -e ".[s3,semantic,pgvector,dask]" --group dev
	@touch $(APP) $@
