# `make run` and `make test` do everything on a fresh machine that has Python 3.11 or newer.

VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PY := $(BIN)/python

# Two shared cores are the smallest machine that must pass; a test that is about threads sets its own.
TEST_ENV := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 QT_QPA_PLATFORM=offscreen PYTHONHASHSEED=0

QUICK_FLAG := $(if $(QUICK),--quick)

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run test test-slow lint format catalogue package bench env env-dev env-package clean clean-all

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: env ## Open the window
	@sh packaging/system-packages.sh xcb
	@$(PY) main.py $(ARGS)

test: lint ## Check style, types and import contracts, then run the suite
	@sh packaging/system-packages.sh offscreen
	@$(TEST_ENV) $(PY) -m pytest $(ARGS)

test-slow: env-dev ## Run the tests that take minutes
	@sh packaging/system-packages.sh offscreen
	@$(TEST_ENV) $(PY) -m pytest -m slow $(ARGS)

lint: env-dev ## Check style, types, import contracts and the catalogue
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(PY) -m workbench.services.catalogue --check

format: env-dev ## Bring the code into the project's form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

catalogue: env ## Write resources/catalogue.json and the manual from the plug-ins
	@$(PY) -m workbench.services.catalogue

package: env-package ## Freeze the program into dist/ and test it there
	@sh packaging/system-packages.sh xcb wayland
	@$(PY) packaging/build.py
	@$(PY) packaging/smoke.py

bench: env ## Measure glyphs, window and speed (QUICK=1: short; OMNIGLOT=folder of the official zips: accuracy, too)
	@$(PY) -m benchmarks.glyphs $(QUICK_FLAG)
	@$(PY) -m benchmarks.window $(QUICK_FLAG)
	@$(PY) -m benchmarks.peers .peers
	@$(PY) -m benchmarks.speed --peers .peers $(QUICK_FLAG)
	@if [ -n "$(OMNIGLOT)" ]; then \
		$(PY) -m benchmarks.accuracy --omniglot $(OMNIGLOT)/images_background.zip $(QUICK_FLAG) && \
		$(PY) -m benchmarks.journey --omniglot $(OMNIGLOT) $(QUICK_FLAG); \
	else echo "accuracy and journey need OMNIGLOT=folder with images_background.zip and strokes_background.zip"; fi

env:
	@sh packaging/environment.sh "$(VENV)"

env-dev:
	@sh packaging/environment.sh "$(VENV)" dev

env-package:
	@sh packaging/environment.sh "$(VENV)" package

clean: ## Remove what was built, keep the environment
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

clean-all: clean ## Remove the environment too
	@rm -rf .venv
