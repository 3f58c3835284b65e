# canbao: two commands are enough, `make run` and `make test`. `make help` lists the others.

PYTHON ?= python3
PORT ?= 8050
PERSONS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SOURCES := configuration insurance warehouse etl dashboard pages tests benchmarks wsgi.py

export CANBAO_HOME ?= $(CURDIR)/var

.PHONY: help setup run test test-fast lint types imports screens bench-overview dictionary clean browser

help:  ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP)  ## build .venv from requirements.txt

$(STAMP): requirements.txt constraints.txt tools/make-venv.sh
	@sh tools/make-venv.sh $(PYTHON) $(VENV)
	@touch $(STAMP)

# The demo's data are as new as the cities' folders; where nothing is published, they are made again.
DEMO := $(CANBAO_HOME)/demo/made-$(or $(PERSONS),own-size)

$(DEMO): $(STAMP) $(shell find cities -type f) $(if $(wildcard $(CANBAO_HOME)/CURRENT),,unpublished)
	@CANBAO_DEMO=1 $(BIN)/python -m etl demo $(if $(PERSONS),--persons $(PERSONS))
	@rm -f $(CANBAO_HOME)/demo/made-* && touch $@

.PHONY: unpublished
unpublished:

run: $(DEMO)  ## load both cities' synthetic campaigns (once) and serve on localhost: PORT=8050 PERSONS=1000000
	@CANBAO_DEMO=1 $(BIN)/python -m dashboard serve --host 127.0.0.1 --port $(PORT)

test: setup browser  ## every test: fast ones, loads of synthetic cities, browser
	@$(BIN)/python -m pytest

test-fast: setup  ## without browser and without synthetic cities
	@$(BIN)/python -m pytest -m "not browser and not slow"

lint: setup  ## ruff
	@$(BIN)/ruff check $(SOURCES)

types: setup  ## mypy, strict
	@$(BIN)/mypy

imports: setup  ## the arrows between the rooms
	@$(BIN)/lint-imports

screens: setup browser  ## screenshots of all pages, sizes, languages and themes into screens/
	@CANBAO_DEMO=1 $(BIN)/python -m dashboard.screens --out screens

bench-overview: setup browser  ## how fast the pages are, on the data of CANBAO_HOME: cold draw, bytes, callbacks
	@CANBAO_DEMO=1 $(BIN)/python -m benchmarks.pages

dictionary: setup  ## write docs/data-dictionary.md from warehouse/schema.py
	@$(BIN)/python -m warehouse.dictionary > docs/data-dictionary.md

browser:
	@sh tools/ensure-browser.sh

clean:  ## remove the environment and all data
	rm -rf $(VENV) var screens
