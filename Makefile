# Letterpress. `make help` says what there is; the README has the same in plain commands.

VENV := .venv
PYTHON := $(VENV)/bin/python
LOCKS := requirements/requirements.txt requirements/requirements-dev.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test test-browser lint format bench lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

run: $(VENV)/.installed ## the whole publication on http://127.0.0.1:8000 (PORT=… for another port); Ctrl-C stops it
	@exec $(PYTHON) -m config.serve

test: $(VENV)/.installed-dev ## the test suite on SQLite and memory (ARGS="-k word" for a part of it)
	@$(PYTHON) -m pytest -n 2 --dist worksteal -m "not browser" $(ARGS)

test-browser: $(VENV)/.installed-dev ## the stories that need a real Chromium; skipped with a reason where there is none
	@$(PYTHON) -m pytest -n 2 --dist worksteal -m browser $(ARGS)

lint: $(VENV)/.installed-dev ## style, formatting, types, templates, migrations, dependency floors
	@bin/lint

format: $(VENV)/.installed-dev ## put the code in its usual shape
	@$(VENV)/bin/ruff check --fix . ; $(VENV)/bin/ruff format .

bench: $(VENV)/.installed-dev ## our pages beside a bare Django view, in one run
	@$(PYTHON) bench/pages.py $(ARGS)

lock: $(VENV)/.installed-dev ## pin and hash the requirements again from the .in files
	@cd requirements && ../$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade -o requirements.txt requirements.in
	@cd requirements && ../$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade -o requirements-dev.txt requirements-dev.in
	@$(PYTHON) bin/check_security_floor.py

clean: ## forget the environment and caches; the publication in var/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache static-collected
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: requirements/requirements.txt bin/make_environment
	@bin/make_environment $(VENV) requirements/requirements.txt
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed $(LOCKS)
	@bin/make_environment $(VENV) $(LOCKS)
	@touch $@
