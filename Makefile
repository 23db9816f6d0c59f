# Everything a developer types. Each target installs what it needs first.
PYTHON ?= python3
BIN := .venv/bin
# Tests of real processes wait a third of their time, so there are more of them at once than cores.
WORKERS := $(shell $(PYTHON) -c 'import os; print(os.cpu_count() * 3 // 2)')
# What waits for processes and screens more than it computes.
WAITING := $(shell $(PYTHON) -c 'import os; print(os.cpu_count() * 2)')
STAMP := .venv/.installed
DIST := dist

.PHONY: help install run test check lint quick full docs dist sweep chunks terminals fuzz bench conformance judge mutants snapshots walk lock clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t14

install: $(STAMP) ## a virtual environment with the locked packages and the program

$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

run: install ## the TUI on an embedded AWS with three clusters
	$(BIN)/kops-tui --sandbox

test: install ## the quick loop, under 3 minutes: lint, and the tests that need no process of their own
	+$(MAKE) --no-print-directory -j2 lint quick

check: install ## lint and tests of some files or folders, in seconds: make check FILES="tests/infer kops_core/infer"
	$(BIN)/ruff format --check $(FILES)
	$(BIN)/ruff check $(FILES)
	$(if $(filter tests%,$(FILES)),$(BIN)/pytest $(filter tests%,$(FILES)))

lint: install ## formatting, lint, types, import contracts and dead code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/vulture kops_core kops_tui reference tests bench

quick: install ## the tests of the quick loop alone
	$(BIN)/pytest -n $(WORKERS) -m "not full and not sweep"

full: install ## what the quick loop leaves out: real processes, the sandbox, whole corpora (a quarter of an hour)
	$(BIN)/pytest -n $(WAITING) -m "full and not sweep"

docs: install ## the documentation as a site in build/site, with the generated reference; links are checked
	NO_MKDOCS_2_WARNING=1 PYTHONPATH=. $(BIN)/mkdocs build --quiet

dist: install ## what is released, in dist/: wheel, sdist, one file for bastions (pex), bill of materials, man pages
	rm -rf $(DIST) build/release
	mkdir -p $(DIST) build
	$(BIN)/python -m build --no-isolation --outdir $(DIST) >build/build.log
	$(PYTHON) -m venv build/release
	grep '==' requirements.lock | sed 's/ *\\$$//' >build/constraints.txt
	build/release/bin/python -m pip install --quiet --constraint build/constraints.txt "$$(ls $(DIST)/*.whl)[sandbox]"
	$(BIN)/pex --venv-repository build/release "kops-tui[sandbox]" --script kops-tui --venv prepend --sh-boot -o $(DIST)/kops-tui.pex
	$(BIN)/cyclonedx-py environment build/release --pyproject pyproject.toml --output-reproducible -o $(DIST)/kops-tui.cdx.json
	$(BIN)/python -m reference.man build/man
	tar -czf $(DIST)/kops-tui-man.tar.gz -C build man
	cd $(DIST) && sha256sum -- * >SHA256SUMS

sweep: install ## kill and pause operations at each call; settle every generated cluster; more examples of properties (minutes)
	KOPS_SWEEP=full $(BIN)/pytest -n auto tests/plan tests/store/test_histories.py tests/operations tests/cli/test_upgrade_end_to_end.py tests/engine/test_interrupted_writes.py tests/aws/test_generated.py tests/aws/test_strict_sweep.py
	KOPS_SWEEP=full $(BIN)/pytest -n auto -m sweep
	KOPS_SWEEP=full $(BIN)/pytest -n auto tests/tui/test_screens_on_a_terminal.py tests/tui/test_requirements_safety.py

chunks: install ## 20,000 random chunks of bytes on every screen: what is written without a confirmation (half an hour)
	$(BIN)/python -m tests.tui.chunks --chunks 20000 --load 2

terminals: install ## lose 50 terminals under make run at random moments: processes left after 10 s (a quarter of an hour)
	$(BIN)/python -m tests.tui.terminals --count 50

fuzz: install ## complete and validate 50,000 spoilt specs: tracebacks and the slowest (20 minutes)
	$(BIN)/python -m tests.fuzz

bench: install ## whole commands, growth, start, first paint: writes docs/benchmarks.md (10 minutes)
	$(BIN)/python -m bench

conformance: install ## the corpus: suite, passed of total, first difference of each failure
	$(BIN)/python -m tests.conformance

judge: install ## what follows from the judge's clusters and differs from what was reviewed; ACCEPT=1 keeps it
	$(BIN)/python -m tests.judge $(if $(ACCEPT),--accept)

mutants: install ## put faults into samples of the engine: which ones no test notices; SEED, SAMPLE, PACKAGES (an hour, the first time more)
	$(BIN)/python -m tests.mutants $(PACKAGES) --seed $(or $(SEED),1) --sample $(or $(SAMPLE),40)

snapshots: install ## take the screens' pictures again
	UPDATE_SNAPSHOTS=1 $(BIN)/pytest -n auto tests/tui

walk: install ## record the README's first five minutes again: snapshots/walk.svg (a minute)
	$(BIN)/python -m tests.tui.record

lock: ## resolve the packages again (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --extra sandbox --extra dev \
		--generate-hashes --no-header --no-annotate --output-file requirements.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
