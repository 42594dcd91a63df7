# What people type. Each target has one line of help; `make` alone prints them.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
TENON := .venv/bin/tenon
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-schedule bench-peers bundle lock clean setup setup-test format

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: setup ## Set up what is missing and serve on http://127.0.0.1:8000 (PORT=, HOST=)
	@$(TENON) run --host $(HOST) --port $(PORT)

test: setup-test ## Set up and run the whole test suite (ARGS= goes to pytest)
	@$(PY) -m pytest -n $(or $(WORKERS),2) --dist loadgroup $(ARGS)

check: setup-test ## Lint, types, import rules, guards and the whole test suite
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-cache
	@$(MAKE) --no-print-directory test

bench: setup-test ## Measure the site, and the matcher at 100,000 (ARGS='scale --documents 1000000', ARGS=introductions)
	@$(PY) -m tools.bench $(ARGS)

bench-schedule: setup-test ## Plan timetables of events; compare with greedy, first come and the bound (ARGS=--help)
	@$(PY) -m tools.bench schedule $(ARGS)

bench-peers: ## Compare matching with PostgreSQL, txtai, chromadb, lancedb, milvus-lite (ARGS=--help)
	@$(PYTHON) tools/peers/environment.py
	@PYTHONPATH=.:platform var/peers/venv/bin/python -m tools.peers $(ARGS)

bundle: setup-test ## Gather everything into wheelhouse/, so that make run works with the network off
	@$(PY) tools/bundle.py

lock: setup-test ## Write the lock files anew from pyproject.toml
	@$(PY) tools/lock.py

format: setup-test ## Format the code
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

clean: ## Remove what set-up and running made (database included!)
	rm -rf .venv var node_modules .vendor dist build

setup:
	@$(PYTHON) tools/setup.py --for run

setup-test:
	@$(PYTHON) tools/setup.py --for test
