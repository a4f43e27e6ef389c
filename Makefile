# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VIDEO ?=

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.installed ## Install, then dub a video and make a web page for it: make demo [VIDEO=path]
	$(BIN)/controlllm demo --out demo-output $(if $(VIDEO),--video "$(VIDEO)")

test: $(VENV)/.installed-test ## Install what the tests need, then run them all
	$(BIN)/python -m pytest -q $(ARGS)

check: $(VENV)/.installed-test ## Lint, format, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-test ## Put the code into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-test ## Run the benchmarks; DATA=path for the published cases
	$(BIN)/python benchmarks/run_all.py $(if $(DATA),--data "$(DATA)")

clean: ## Remove the environment and what was made
	rm -rf $(VENV) demo-output build dist benchmarks/results

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[speech]'
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@
