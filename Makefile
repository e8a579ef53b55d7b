# Each use has its own environment. `make demo` and `make test` beside a running
# server then change no file the server may yet import, and `make run` installs
# nothing that only tests need. The cost is some 20 s, once, for each.
RUN := .venv
DEMO := .venv-demo
TEST := .venv-test
BENCH := .venv-bench
LOCK := .venv-lock

NODE := tests/node
LOCKS := $(addprefix requirements/,build.lock runtime.lock demo.lock bench.lock test.lock lock.lock)
# Dozens of processes load the same modules here: compiled once, whatever the shell is set to.
unexport PYTHONDONTWRITEBYTECODE
# `make test ARGS="-k bind"` and `make bench ARGS="--engine sqlite"` narrow the run.
ARGS ?=
# `make lock UPGRADE=--upgrade` takes the newest versions; else pins stay if they can.
UPGRADE ?=
COMPILE := $(LOCK)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(UPGRADE)

.PHONY: help run demo test test-faults test-timing lint screenshots bench bench-quick bench-full docs lock \
	clean FORCE

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run: $(RUN)/.ready ## start a server to try, with a demo pool, app and user
	@exec $(RUN)/bin/gatepost quickstart

demo: $(DEMO)/.ready ## bind an e-mail address on the running server with the official SDK
	@exec $(DEMO)/bin/python examples/demo.py

test: $(TEST)/.ready $(NODE)/node_modules/.ready ## check style and types and run every test
	@$(TEST)/bin/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

test-faults: $(TEST)/.ready ## kill, cut, fill and overload real servers, in under 6 minutes
	@$(TEST)/bin/python -m pytest tests/faults -v -n 2 --dist loadfile --no-loadscope-reorder \
		-m "not alone" $(ARGS)
	@$(TEST)/bin/python -m pytest tests/faults -v -m alone $(ARGS)

test-timing: $(TEST)/.ready ## tell known accounts from unknown ones by the time of an answer, or fail to
	@$(TEST)/bin/python -m pytest -m timing tests/timing $(ARGS)

lint: $(TEST)/.ready ## check style and types
	@$(TEST)/bin/ruff check --quiet
	@$(TEST)/bin/ruff format --quiet --check
	@$(TEST)/bin/mypy --strict src client/src bench

docs: $(TEST)/.ready ## build the documentation into build/docs
	@NO_MKDOCS_2_WARNING=1 $(TEST)/bin/python -m mkdocs build --strict --quiet
	@echo "Open build/docs/index.html, or serve it to search in it:" \
		"python3 -m http.server --bind 127.0.0.1 --directory build/docs"

screenshots: $(TEST)/.ready ## take pictures of every page, into build/screenshots
	@$(TEST)/bin/python -m tests.support.pictures build/screenshots $(ARGS)

bench: $(BENCH)/.ready ## measure on both engines, in under 10 minutes
	@$(BENCH)/bin/python -m bench usual $(ARGS)

bench-quick: $(BENCH)/.ready ## a glance at the same, in under 2 minutes
	@$(BENCH)/bin/python -m bench quick $(ARGS)

bench-full: $(BENCH)/.ready ## all of it: up to 1,000,000 users, two workers, a soak
	@$(BENCH)/bin/python -m bench full $(ARGS)

# The tests' lock is the superset and comes first: the others take their versions from it,
# so that one package has one version everywhere.
lock: $(LOCK)/.ready ## rewrite the lock files
	@$(COMPILE) pyproject.toml requirements/build.in requirements/demo.in \
		requirements/bench.in requirements/test.in -o requirements/test.lock
	@$(COMPILE) requirements/lock.in -o requirements/lock.lock
	@$(COMPILE) -c requirements/test.lock requirements/build.in -o requirements/build.lock
	@$(COMPILE) -c requirements/test.lock pyproject.toml -o requirements/runtime.lock
	@$(COMPILE) -c requirements/test.lock pyproject.toml requirements/demo.in \
		-o requirements/demo.lock
	@$(COMPILE) -c requirements/test.lock pyproject.toml requirements/bench.in \
		-o requirements/bench.lock
	@cd $(NODE) && npm install --package-lock-only --loglevel=error >/dev/null

clean: ## remove the environments and what tools left, never the server's data
	@rm -rf $(RUN) $(DEMO) $(TEST) $(BENCH) $(LOCK) $(NODE)/node_modules build dist
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis
	@find src tests client bench docs -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment is also remade when this folder was moved or its Python went away.
stale = $(shell [ -x $(1)/bin/python ] && [ "$$(cat $(1)/.ready 2>&1)" = "$$PWD" ] || echo FORCE)

$(RUN)/.ready: requirements/runtime.lock $(call stale,$(RUN))
$(DEMO)/.ready: requirements/demo.lock $(call stale,$(DEMO))
$(TEST)/.ready: requirements/test.lock $(call stale,$(TEST))
$(BENCH)/.ready: requirements/bench.lock $(call stale,$(BENCH))
$(LOCK)/.ready: requirements/lock.lock $(call stale,$(LOCK))
$(RUN)/.ready $(DEMO)/.ready $(TEST)/.ready $(BENCH)/.ready: requirements/build.lock pyproject.toml
$(RUN)/.ready $(DEMO)/.ready $(TEST)/.ready $(BENCH)/.ready $(LOCK)/.ready: requirements/install
	@requirements/install $(@D) $(filter-out %/build.lock,$(filter %.lock,$^))

$(NODE)/node_modules/.ready: $(NODE)/package.json $(NODE)/package-lock.json
	@if npm --version >/dev/null 2>&1; then \
		echo "Installing what the tests have from npm ..."; \
		cd $(NODE) && npm ci --ignore-scripts --loglevel=error >/dev/null \
			&& touch node_modules/.ready; \
	else echo "No npm here: the tests that need Node will be skipped."; fi
