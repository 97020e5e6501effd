# Everything a fresh machine needs is set up by the targets themselves: Python 3.11+, git and make suffice.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PYTHONSAFEPATH = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test coverage truth lint bench cluster-assets toolchains lock generated clean

demo: $(VENV)/.run
	@$(BIN)/foreman demo $(ARGS)

test: $(VENV)/.dev lint
	@$(BIN)/python -m pytest -q -n auto --dist loadgroup $(ARGS)

# The same tests with branch coverage; slower, so not part of `test`.
coverage: $(VENV)/.dev
	@$(BIN)/python -m pytest -q -n auto --dist loadgroup --cov --cov-report=term:skip-covered $(ARGS)

# The corpus of lies and of honest verdicts, and what is made of it; ends with one line of figures.
truth: $(VENV)/.dev
	@$(BIN)/python -m tests.truth

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev
	@$(BIN)/python -m bench $(ARGS)

cluster-assets:
	@$(PYTHON) tests/cluster/assets/build.py

# What the gate tests of TypeScript need and no system package has.
toolchains:
	@$(PYTHON) tests/loop/gates/languages/typescript/install.py

generated: $(VENV)/.run
	@$(BIN)/foreman crds --write config/crd/bases
	@$(BIN)/python -m app.reference

lock: $(VENV)/.dev
	@cd requirements && ../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate --no-header ../pyproject.toml --group ../pyproject.toml:build -o run.txt
	@cd requirements && ../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate --no-header ../pyproject.toml --group ../pyproject.toml:build --group ../pyproject.toml:dev -c run.txt -o dev.txt

$(VENV)/.run: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Foreman into $(VENV) (once) …"
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	@touch $@

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache
