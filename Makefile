# make help      this list
# make run       the bot in a stand-in for Slack on this machine (ARGS=--once, PORT=3001)
# make test      all tests
# make check     ruff, mypy, import-linter
# make format    mend what ruff can mend
# make screenshots  the pictures in docs/pictures again, of the bot in its workspace (needs Chromium)
# make train     make the embedded model again (DATA=folder of the data)
# make evaluate  how often the model is right (DATA=folder of the data)
# make bench     how fast the bot is, against what, and with DATA= whether breakdowns are true (bench-quick: a minute)
# make soak      whether anything is lost or done twice while bots are killed, cut off and throttled (soak-quick: 2 minutes)
# make check-mood  whether reports are right about simulated channels (a few minutes)
# make lock      renew the lock files
# make audit     whether any locked package is known to be vulnerable (asks PyPI's advisory service)
# make clean     removes .venv, so that the next command installs anew

PYTHON ?= python3
BIN := .venv/bin
TORCH := 2.13.0
# Not compiled while it is installed: a third of the time and of the space goes into files that nobody imports. Python
# compiles what it does import, once, unless it is told not to write.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
LOCKED := $(PIP) --require-hashes --no-deps
unexport PYTHONDONTWRITEBYTECODE
# A cluster that has too little of the machine loses its own machines. Its tests come after the others.
ALONE := tests/sentiment/cluster

.PHONY: help run test check format screenshots train evaluate bench bench-quick soak soak-quick check-mood lock audit clean

help:
	@sed -n '/^# make /s/^# //p' Makefile

run: .venv/installed
	@$(BIN)/python -m bot workspace $(ARGS)

test: .venv/installed-dev
	@$(BIN)/python -m pytest $(or $(ARGS),--numprocesses 2 --ignore $(ALONE))
	@[ -n "$(ARGS)" ] || $(BIN)/python -m pytest $(ALONE)

check: .venv/installed-dev
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/installed-dev
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

screenshots: .venv/installed-dev
	@mkdir -p docs/pictures
	@$(BIN)/python -m tests.slack_emulator.browser.screenshots docs/pictures

train: .venv/installed-train
	@$(BIN)/python -m training.train --data "$(DATA)" $(ARGS)

evaluate: .venv/installed-train
	@$(BIN)/python -m training.measure --data "$(DATA)" $(ARGS)

bench: .venv/installed-train
	@$(BIN)/python -m benchmarks.engine
	@$(BIN)/python -m benchmarks.whole_bot
	@$(BIN)/python -m benchmarks.load
	@$(BIN)/python -m benchmarks.history
	@$(BIN)/python -m benchmarks.startup
	@$(BIN)/python -m benchmarks.scaling
	@$(BIN)/python -m benchmarks.languages $(if $(DATA),--data "$(DATA)")
	@[ -z "$(DATA)" ] || $(BIN)/python -m benchmarks.explanations --data "$(DATA)"

bench-quick: .venv/installed-train
	@$(BIN)/python -m benchmarks.engine --quick
	@$(BIN)/python -m benchmarks.whole_bot --quick

soak: .venv/installed-dev
	@$(BIN)/python -m benchmarks.soak $(ARGS)

soak-quick: .venv/installed-dev
	@$(BIN)/python -m benchmarks.soak --quick $(ARGS)

check-mood: .venv/installed-dev
	@$(BIN)/python -m benchmarks.mood

# The stamps make a second run start at once: nothing is installed again until a lock file changes.
.venv/installed: requirements.lock requirements-torch.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with PYTHON=python3.12"; exit 1; }
	@echo "Installing into .venv (once, some minutes)"
	@$(PYTHON) -m venv .venv
	@$(LOCKED) --requirement requirements.lock
	@$(PIP) --requirement requirements-torch.lock
	@$(PIP) --no-deps --editable .
	@touch $@

.venv/installed-%: requirements-%.lock .venv/installed
	@echo "Installing what $* needs"
	@$(LOCKED) --requirement $<
	@touch $@

# One lock for all platforms, with the hash of every file that may be installed. Torch alone has none: which of its
# builds pip takes, for which processor and with which CUDA packages, depends on the index that a machine is given
# (see the README), and each has hashes of its own. What a build needs besides, it pins itself.
lock: .venv/installed-dev
	@echo "torch==$(TORCH)" > .venv/torch.txt
	@for extra in "" dev train; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --generate-hashes \
			--constraint .venv/torch.txt --no-emit-package torch $${extra:+--extra $$extra} pyproject.toml \
		| awk '/^[a-z0-9]/ { skip = /^(nvidia|cuda|triton)/ } !skip' > requirements$${extra:+-$$extra}.lock; \
	done
	@{ echo "# Without hashes, since each platform and index has builds of its own; see make lock."; cat .venv/torch.txt; } \
		> requirements-torch.lock

# Strict, since a service that knows no package at all, such as a mirror without advisories, is no all-clear.
audit: .venv/installed-dev
	@for lock in requirements.lock requirements-dev.lock; do \
		$(BIN)/pip-audit --strict --progress-spinner off --disable-pip --require-hashes --requirement $$lock \
			> .venv/audit.txt 2>&1 && { echo "$$lock: nothing known"; continue; }; \
		if grep -qiE 'could not be audited|connect|timed out|HTTPError|ServiceError' .venv/audit.txt; then \
			echo "$$lock was not audited: the advisory service is out of reach, or knows nothing of a package (.venv/audit.txt)."; \
		else \
			cat .venv/audit.txt; \
		fi; \
		exit 1; \
	done

clean:
	@rm -rf .venv
