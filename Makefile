# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VIDEO ?=
# as many test processes as processors, eight at most: each may need a gigabyte
WORKERS ?= logical

# every processor has a test process already; more threads would only wait for each other
ONE_THREAD := OMP_NUM_THREADS=1 OPENCV_FOR_THREADS_NUM=1

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.installed ## Install, then dub a video and make a web page for it: make demo [VIDEO=path]
	$(BIN)/controlllm demo --out demo-output $(if $(VIDEO),--video "$(VIDEO)")

test: $(VENV)/.installed-test ## Install what the tests need, then run them all: make test [ARGS=tests/planner] [WORKERS=0]
	$(ONE_THREAD) $(BIN)/python -m pytest -q -rs -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

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
