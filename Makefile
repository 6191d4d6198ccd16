# Hongbo: two commands matter. `make run` and `make test`; everything else serves them.
# Stamps in .make/ remember what was installed and built, so that nothing unchanged is done twice.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-warn-script-location
WEB_SOURCES := $(shell find static -path static/node_modules -prune -o -path static/dist -prune -o -type f -print 2>/dev/null)

.PHONY: help run test build check fix types bench soak load lock clean

help:
	@echo "make run     a working Hongbo with the demo organisation on http://localhost:8080"
	@echo "make test    every check there is"
	@echo "make build   virtual environment, dependencies and front end, without starting anything"
	@echo "make fix     format the code and mend what the linters can mend"
	@echo "make types   write the front end's API types anew from the server's OpenAPI document"
	@echo "make bench   the comparisons of bench/ (make bench NAME=live for one)"
	@echo "make soak    clients that come and go for a long time; make load: publishers that send far too much"
	@echo "make lock    resolve the dependencies again and write the lock files"
	@echo "make clean   remove what was installed and built; data and recordings stay"

run: build
	@exec .venv/bin/hongbo run --demo $(ARGS)

build: .make/run .make/dist

test: .make/dev .make/dist
	@scripts/system-packages test
	@.venv/bin/python scripts/check.py

check: .make/dev .make/npm
	@.venv/bin/python scripts/check.py --static

fix: .make/dev .make/npm
	.venv/bin/ruff check --fix server tests bench scripts || true
	.venv/bin/ruff format server tests bench scripts
	scripts/npm run fix

types: .make/dev .make/npm
	scripts/api-types

bench: .make/dev .make/dist
	@scripts/system-packages bench
	@.venv/bin/python -m bench $(NAME)

soak load: .make/dev .make/dist
	@scripts/system-packages test
	@.venv/bin/python -m pytest tests/$@ --timeout=3600 -q

lock: .make/dev
	scripts/lock

clean:
	rm -rf .venv .make static/node_modules static/dist .mypy_cache .ruff_cache .pytest_cache build *.egg-info

.venv/bin/python:
	@scripts/make-venv

.make/run: requirements/run.lock pyproject.toml | .venv/bin/python
	@mkdir -p .make
	@echo "Installing the server's dependencies …"
	@$(PIP) --require-hashes -r requirements/run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.make/dev: requirements/dev.lock requirements/node.lock .make/run
	@echo "Installing the development tools …"
	@$(PIP) --require-hashes -r requirements/dev.lock -r requirements/node.lock
	@touch $@

.make/npm: static/package-lock.json | .venv/bin/python
	@mkdir -p .make
	@echo "Installing the front end's dependencies …"
	@scripts/npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.make/dist: .make/npm $(WEB_SOURCES)
	@echo "Building the front end …"
	@scripts/npm run build --silent
	@touch $@
