# make help      show this list
# make run       run the bot in a Slack emulator on this machine (ARGS=--once, PORT=3001)
# make test      run all tests but the slow ones (ARGS="tests/slack -x" for some, slow or not)
# make test-slow  run the slow tests: of crashes, outages, several workspaces, the page and the cluster
# make check     run ruff, mypy and import-linter
# make format    apply ruff's fixes and formatting
# make manifest  renew manifest.json from the code
# make screenshots  renew the pictures in docs/pictures, of the bot in the emulator (needs Chromium)
# make train     train the embedded model (DATA=folder of the data)
# make evaluate  measure the embedded model (DATA=folder of the data)
# make bench     measure speed against alternatives (DATA=folder and PEERS=python measure more; bench-quick: 3 minutes)
# make soak      check that nothing is lost or done twice under kills, outages and throttling (soak-quick: 2 minutes)
# make check-mood  measure the error rates of reports on simulated channels (a few minutes)
# make lock      update the lock files
# make audit     check the locked packages for known vulnerabilities (asks PyPI's advisory service)
# make clean     remove .venv, so that the next command reinstalls it

PYTHON ?= python3
BIN := .venv/bin
TORCH := 2.13.0
# The build for the CPU, of a quarter of a gigabyte. TORCH_INDEX= selects that of pip's own index, which brings CUDA on Linux
# (5.7 GB), and TORCH_INDEX=URL that of another index. A PIP_INDEX_URL of your own stays in force.
TORCH_INDEX ?= $(if $(PIP_INDEX_URL),,https://download.pytorch.org/whl/cpu)
# Do not compile at installation: a third of its time and space would go into modules that are never imported. Python
# compiles the others at first import, unless PYTHONDONTWRITEBYTECODE is set.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
LOCKED := $(PIP) --require-hashes --no-deps
unexport PYTHONDONTWRITEBYTECODE
# On a busy machine the nodes of a cluster time out, so its tests run after all others.
ALONE := tests/sentiment/cluster

.PHONY: help run test test-slow check format manifest screenshots train evaluate bench bench-quick soak soak-quick check-mood lock audit clean

help:
	@sed -n '/^# make /s/^# //p' Makefile

run: .venv/installed
	@$(BIN)/python -m bot workspace $(ARGS)

test: .venv/installed-dev
	@$(BIN)/python -m pytest $(or $(ARGS),--numprocesses 2 --ignore $(ALONE) -m "not slow")

test-slow: .venv/installed-dev
	@$(BIN)/python -m pytest --numprocesses 2 --ignore $(ALONE) -m slow
	@$(BIN)/python -m pytest $(ALONE)

check: .venv/installed-dev
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/installed-dev
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

# With no optional feature, whatever .env says.
manifest: .venv/installed
	@FEATURES=, $(BIN)/python -m bot manifest > .venv/manifest.json
	@mv .venv/manifest.json manifest.json

screenshots: .venv/installed-dev
	@mkdir -p docs/pictures
	@$(BIN)/python -m tests.slack_emulator.browser.screenshots docs/pictures

train: .venv/installed-train
	@$(BIN)/python -m training.train --data "$(DATA)" $(ARGS)

evaluate: .venv/installed-train
	@$(BIN)/python -m training.measure --data "$(DATA)" $(ARGS)

bench: .venv/installed-train
	@$(BIN)/python -m benchmarks.engine $(if $(PEERS),--peers "$(PEERS)")
	@$(BIN)/python -m benchmarks.whole_bot
	@$(BIN)/python -m benchmarks.load
	@$(BIN)/python -m benchmarks.history
	@$(BIN)/python -m benchmarks.event_loop
	@$(BIN)/python -m benchmarks.startup
	@$(BIN)/python -m benchmarks.scaling
	@$(BIN)/python -m benchmarks.languages $(if $(DATA),--data "$(DATA)")
	@[ -z "$(DATA)" ] || $(BIN)/python -m benchmarks.explanations --data "$(DATA)"

bench-quick: .venv/installed-train
	@$(BIN)/python -m benchmarks.engine --quick $(if $(PEERS),--peers "$(PEERS)")
	@$(BIN)/python -m benchmarks.whole_bot --quick

soak: .venv/installed-dev
	@$(BIN)/python -m benchmarks.soak $(ARGS)

soak-quick: .venv/installed-dev
	@$(BIN)/python -m benchmarks.soak --quick $(ARGS)

check-mood: .venv/installed-dev
	@$(BIN)/python -m benchmarks.mood

# Stamp files: nothing is reinstalled until a lock file changes.
.venv/installed: requirements.lock requirements-torch.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with PYTHON=python3.12"; exit 1; }
	@echo "Installing into .venv (once; takes some minutes)"
	@$(PYTHON) -m venv .venv
	@$(LOCKED) --requirement requirements.lock
	@if [ -n "$(TORCH_INDEX)" ] && $(BIN)/python -c 'import sys, urllib.request as request; request.urlopen(sys.argv[1], timeout=5)' \
		"$(TORCH_INDEX)/torch/" 2>/dev/null; \
	then $(PIP) --index-url "$(TORCH_INDEX)" --requirement requirements-torch.lock; \
	else \
		[ -z "$(TORCH_INDEX)" ] || echo "$(TORCH_INDEX) cannot be reached: taking torch from pip's own index."; \
		$(PIP) --requirement requirements-torch.lock; \
	fi
	@$(PIP) --no-deps --editable .
	@echo "Installed. For another build of torch than that for the CPU: make clean run TORCH_INDEX=URL"
	@touch $@

.venv/installed-%: requirements-%.lock .venv/installed
	@echo "Installing the packages of the extra $*"
	@$(LOCKED) --requirement $<
	@touch $@

# One lock file for all platforms, with the hash of every file that may be installed. Torch is an exception: its build,
# for a processor and with or without CUDA packages, depends on the index, and each build
# has hashes of its own and pins its own dependencies. OpenVINO works without openvino-telemetry, which would send
# statistics of its use.
lock: .venv/installed-dev
	@echo "torch==$(TORCH)" > .venv/torch.txt
	@for extra in "" dev train; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --generate-hashes \
			--constraint .venv/torch.txt --no-emit-package torch --no-emit-package openvino-telemetry \
			$${extra:+--extra $$extra} pyproject.toml \
		| awk '/^[a-z0-9]/ { skip = /^(nvidia|cuda|triton)/ } !skip' > requirements$${extra:+-$$extra}.lock; \
	done
	@{ echo "# Without hashes, since each platform and index has builds of its own; see make lock."; cat .venv/torch.txt; } \
		> requirements-torch.lock

# Strict, since a service that knows no package, such as a mirror without advisories, must not pass the audit.
audit: .venv/installed-dev
	@for lock in requirements.lock requirements-dev.lock; do \
		$(BIN)/pip-audit --strict --progress-spinner off --disable-pip --require-hashes --requirement $$lock \
			> .venv/audit.txt 2>&1 && { echo "$$lock: no known vulnerabilities"; continue; }; \
		if grep -qiE 'could not be audited|connect|timed out|HTTPError|ServiceError' .venv/audit.txt; then \
			echo "$$lock was not audited: the advisory service is unreachable or does not know a package (.venv/audit.txt)."; \
		else \
			cat .venv/audit.txt; \
		fi; \
		exit 1; \
	done

clean:
	@rm -rf .venv
