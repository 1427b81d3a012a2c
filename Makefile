# Everything is set up by what needs it: a virtual environment in .venv, made once, and made again when
# pyproject.toml or constraints.txt change. Needed beforehand: Python 3.11 or newer with venv, make and git.
#
#   make site BASE_URL=https://example.org/story/     for another address
#   make test PYTHON=/path/to/python3.12              with a Python of your choice

VENV := .venv
BIN := $(VENV)/bin
BASE_URL ?=
PORT ?= 8000

# With the development tools when they are installed, without them when they are not.
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
INSTALLED := $(firstword $(wildcard $(DEVELOPMENT)) $(RUNTIME))
SETTINGS := pyproject.toml constraints.txt

.PHONY: help site check publish serve serve-files benchmark-builds benchmark-sizes benchmark-large benchmark-preview benchmark-reading test test-long lint types unit format docs pictures messages clean distclean
.NOTPARALLEL:
.DELETE_ON_ERROR:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

site: $(INSTALLED) ## Build the story into site/ (BASE_URL=… says where it will be published)
	$(BIN)/python -m generator build . --out site $(if $(BASE_URL),--base-url "$(BASE_URL)")

check: $(INSTALLED) ## Check the story without writing anything (ARGS='--strict --rendered' before publishing)
	$(BIN)/python -m generator check . $(ARGS) $(if $(BASE_URL),--base-url "$(BASE_URL)")

publish: $(INSTALLED) ## Publish the site on the branch gh-pages (ARGS='--dry-run' says what would change)
	$(BIN)/python -m generator publish . $(ARGS) $(if $(BASE_URL),--base-url "$(BASE_URL)")

serve: $(INSTALLED) ## Show the story while it is written (PORT=8000)
	$(BIN)/python -m generator serve . --port "$(PORT)"

serve-files: $(INSTALLED) ## Show site/ on this machine (PORT=8000)
	@test -f site/index.html || { echo "site/ holds no site yet: run 'make site' first" >&2; exit 1; }
	$(BIN)/python -m http.server "$(PORT)" --bind 127.0.0.1 --directory site

test: lint types unit ## Lint, check the types, run the tests

test-long: $(DEVELOPMENT) ## Run what 'make test' leaves out: clusters that are lost in every way
	$(BIN)/python -m pytest -m long

lint: $(DEVELOPMENT) ## Lint and check the format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEVELOPMENT) ## Check the types
	$(BIN)/mypy

unit: $(DEVELOPMENT) ## Run the tests alone (ARGS='-k prose' for some of them)
	$(BIN)/python $(if $(ARGS),-m pytest $(ARGS),tests/in_two.py)

benchmark-builds: $(DEVELOPMENT) ## Measure what builds cost
	$(BIN)/python -m tests.benchmarks.builds

benchmark-reading: $(DEVELOPMENT) ## Measure what a reader's browser does with site/ (needs npm)
	$(BIN)/python -m tests.benchmarks.reading

benchmark-sizes: $(DEVELOPMENT) ## Measure what stories of any size cost, and how that grows (takes some minutes)
	$(BIN)/python -m tests.benchmarks.synthetic

benchmark-large: $(DEVELOPMENT) ## Measure what tables larger than memory cost (needs 1 GB of disk)
	$(BIN)/python -m tests.benchmarks.large

benchmark-preview: $(DEVELOPMENT) ## Measure how soon a saved file is seen
	$(BIN)/python -m tests.benchmarks.preview

format: $(DEVELOPMENT) ## Put the code in its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DEVELOPMENT) ## Make docs/*.md and the pictures of the kinds of figure anew
	PYTHONPATH=. $(BIN)/python tests/problem_reference.py
	PYTHONPATH=. $(BIN)/python tests/kind_pictures.py
	PYTHONPATH=. $(BIN)/python tests/name_index.py

pictures: $(DEVELOPMENT) site ## Make the pictures of pages and guides anew, of the story as it is; look at them
	PYTHONPATH=. $(BIN)/python docs/pictures/make.py site

messages: $(DEVELOPMENT) ## Make the list of what is to be translated anew, and bring the catalogues up to date
	PYTHONPATH=. $(BIN)/python tests/messages.py

clean: ## Empty site/ and remove caches
	find site -mindepth 1 ! -name .gitkeep -delete
	rm -rf .broadsheet build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find generator tests -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## Remove the virtual environment too
	rm -rf $(VENV)

# --- the virtual environment --------------------------------------------------------------------------

$(RUNTIME): $(SETTINGS)
	@$(ensure_venv)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[search]'
	@touch $@

$(DEVELOPMENT): $(SETTINGS)
	@$(ensure_venv)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $(RUNTIME) $@

# The newest of the versions that are tested, else whatever python3 there is, if it is new enough.
# A name alone proves nothing (it may be a shim, or lack ensurepip), so each is tried.
define ensure_venv
if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
  for name in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python); do \
    if "$$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
      found="$$name"; break; \
    fi; \
  done; \
  if [ -z "$$found" ]; then \
    echo "No Python 3.11 or newer with the module venv was found." >&2; \
    echo "Install one (on Debian and Ubuntu: python3 and python3-venv), or name it: make PYTHON=/path/to/python3" >&2; \
    exit 1; \
  fi; \
  echo "Making $(VENV) with $$("$$found" --version)"; \
  "$$found" -m venv --clear $(VENV); \
fi
endef
