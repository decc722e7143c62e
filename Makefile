# The few commands of egov; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
VENDOR := src/egov/web/static/vendor

# A stamp is named after what it was made from, so a second start finds it and does nothing, a changed
# lock file does not, and no clock or order of a git checkout can fool it.
fingerprint = $(firstword $(shell cat $(1) 2>/dev/null | cksum))
# The folder is part of it: the scripts of a virtual environment name the place they were made in.
VENV_STAMP := $(VENV)/.made-$(firstword $(shell { echo '$(CURDIR)'; $(PYTHON) --version 2>&1; } | cksum))
RUNTIME_STAMP := $(VENV)/.runtime-$(call fingerprint,setup.py etc/requirements.lock)
DEV_STAMP := $(VENV)/.dev-$(call fingerprint,setup.py etc/requirements.lock etc/requirements-dev.lock)
VENDOR_STAMP := $(VENDOR)/.built-$(call fingerprint,etc/requirements.lock $(addprefix frontend/,.npmrc package.json package-lock.json build.mjs))

# pkg_resources says at every start that it is deprecated; setuptools is pinned where it still exists.
export PYTHONWARNINGS := ignore:pkg_resources is deprecated:UserWarning

.PHONY: help
help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: install
install: $(RUNTIME_STAMP) frontend ## install what egov runs on, with the front end

.PHONY: run
run: install ## start egov at http://127.0.0.1:6543, with a demo site group the first time
	@test -e var/Data.fs || EGOV_CONFIG=development.ini $(BIN)/egov init --demo
	@echo
	@echo "egov is at http://127.0.0.1:6543 , its editors log in at http://127.0.0.1:6543/login ; Ctrl-C stops it."
	@exec $(BIN)/pserve development.ini

.PHONY: run-cluster
run-cluster: install ## start one database server and two egov processes, on 6543 and 6544
	@exec etc/run-cluster

.PHONY: test
test: $(DEV_STAMP) frontend programs vnu ## run the tests; ARGS='-k name' picks some
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: test-whole
test-whole: $(DEV_STAMP) frontend programs vnu ## the tests, and every page at every width and in all colours
	@$(BIN)/python -m pytest -m "" $(ARGS)

.PHONY: sure
sure: lint types floors test ## run every check there is, as the CI does

.PHONY: bench
bench: $(DEV_STAMP) frontend ## measure egov against its budgets; ARGS=large, million, desk, cluster, visible or export for the long trials
	@$(BIN)/python -m tests.bench $(ARGS)

.PHONY: bench-peers
bench-peers: $(DEV_STAMP) frontend ## let Plone and Wagtail do the same work beside egov; ARGS=keep writes docs/benchmarks.md
	@$(BIN)/python -m tests.bench.peers $(ARGS)

.PHONY: soak
soak: $(DEV_STAMP) ## every fault 200 times, nothing may be lost; ARGS='pack zeo --times 50' picks some, ARGS='load --times 30' is half an hour of load
	@$(BIN)/python -m tests.soak $(ARGS)

.PHONY: format
format: $(DEV_STAMP) ## put the code in shape
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

.PHONY: lint
lint: $(DEV_STAMP) ## check shape and style
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check

.PHONY: types
types: $(DEV_STAMP) ## check the types
	@$(BIN)/mypy

.PHONY: floors
floors: $(DEV_STAMP) ## check that a room imports only from the floors below
	@$(BIN)/lint-imports

.PHONY: frontend
frontend: $(VENDOR_STAMP) ## copy the third-party CSS and JavaScript into the package

.PHONY: programs
programs:
	@tests/tools/install-programs

# The HTML checker of the W3C; it runs on Java, which the machine may have.
.PHONY: vnu
vnu:
	@if test -e tests/vnu/node_modules/vnu-jar/build/dist/vnu.jar || ! command -v java >/dev/null || ! command -v npm >/dev/null; then exit 0; fi; \
	(cd tests/vnu && npm ci --no-progress --loglevel=error >/dev/null) || echo "No vnu-jar: the test of the HTML will be skipped."

.PHONY: clean
clean: ## remove everything made, but not var/, where the content is
	rm -rf $(VENV) $(VENDOR) $(VENDOR).building frontend/node_modules tests/vnu/node_modules build dist src/*.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	find src tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV_STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "egov needs Python 3.11 or newer as '$(PYTHON)'; name another with: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "'$(PYTHON)' cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Making $(VENV)."
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# setuptools first and no build isolation: the one source package is built with the pinned version
# and not with whatever is newest today.
define pip_install
	@$(PIP) install $$(grep '^setuptools==' etc/requirements.lock)
	@$(PIP) install --no-deps --no-build-isolation --use-pep517 -r $(1)
	@$(PIP) install --no-deps --no-build-isolation --use-pep517 -e .
	@$(PIP) check >/dev/null || $(PIP) check
	@rm -f $(VENV)/.$(2)-* && touch $@
endef

$(RUNTIME_STAMP): | $(VENV_STAMP)
	@echo "Installing what egov runs on."
	$(call pip_install,etc/requirements.lock,runtime)

$(DEV_STAMP): | $(RUNTIME_STAMP)
	@echo "Installing what the checks need."
	$(call pip_install,etc/requirements-dev.lock,dev)

$(VENDOR_STAMP): | $(RUNTIME_STAMP)
	@echo "Building the front end."
	@frontend/build $(VENV)
	@touch $@
