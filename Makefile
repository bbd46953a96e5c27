# Each target does all of its own set-up from a fresh clone.
.DEFAULT_GOAL := help
.PHONY: help run test soak bench check format

help:
	@echo "make run [ARGS=--once]   set up, show a reading become a checkable fact, then serve"
	@echo "make test                set up, run every check and the test suite"
	@echo "make soak                kill, fault and simulator campaigns in full (TN_SOAK=short for a part)"
	@echo "make bench               benchmarks; the results go to docs/benchmarks.md by hand"

run:
	@infra/scripts/setup
	@.venv/bin/trace-node demo $(ARGS)

test:
	@infra/scripts/setup --dev
	@infra/scripts/check
	@infra/scripts/test $(ARGS)

soak:
	@infra/scripts/setup --dev
	@infra/scripts/soak $(ARGS)

bench:
	@infra/scripts/setup --dev
	@.venv/bin/python tests/bench/run.py $(ARGS)

check:
	@infra/scripts/setup --dev
	@infra/scripts/check

format:
	@infra/scripts/format
