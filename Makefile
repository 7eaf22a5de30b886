# Every door of the project; `make` alone lists them. Only make, git and Python with its venv module are needed.
.DEFAULT_GOAL := help
.PHONY: help page setup setup-runtime setup-tests run check test faults bench parked features new-channel test-rabbitmq4 lock audit
MAKEFLAGS += --no-print-directory
unexport PYTHONDONTWRITEBYTECODE  # a process that compiles everything anew starts a second later

PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
COMPILE := $(PYTHON) -m uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--no-annotate --quiet

help: ## List the doors
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## Virtual environment with everything for running and checking; nothing when it is current
	@python3 -m deploy.local.installation dev

setup-runtime:
	@python3 -m deploy.local.installation runtime

setup-tests: setup page
	@$(PYTHON) -m deploy.local.packages test

run: setup-runtime ## Set everything up and start it: prints where the workplace and the demo website are
	@$(PYTHON) -m deploy.local run

page: setup-runtime ## Build the pages of the browser, where something changed
	@$(PYTHON) -m deploy.local.pages

check: setup page ## Format, lint, strict types, import rules, unit and channel cases: under a minute
	@$(PYTHON) -m ruff format --check --quiet
	@$(PYTHON) -m ruff check --quiet
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-logo
	@$(PYTEST) -q tests/unit tests/channels

test: setup-tests ## All but the long tests, on both databases, with a real broker and browser
	@$(PYTEST) -q -n 3 --dist loadscope

faults: setup-tests ## Kills, freezes, cuts, outages and poison: nothing lost, doubled or out of order
	@$(PYTEST) -q -s tests/faults

bench: setup-tests ## Rates and latencies beside the bare limit of the broker
	@$(PYTHON) -m tests.bench
	@$(PYTHON) -m tests.bench.folders

parked: setup-runtime ## What was put aside because it cannot be handled (of `make run`)
	@$(PYTHON) -m deploy.local call store-write parked list

features: setup ## Which test shows which promise to the user
	@$(PYTHON) -m tests.support.features

new-channel: setup ## Lay out a new channel that works: make new-channel NAME=acme_talk [KIND=polling]
	@$(PYTHON) -m tests.support.new_channel $(NAME) $(KIND)

test-rabbitmq4: setup-tests ## The tests of the bus on RabbitMQ 4 (as root; unpacks a Debian 13 into .local)
	@$(PYTHON) -m tests.support.rabbitmq4

lock: setup ## Resolve requirements/*.in anew, keeping what still fits; delete a .txt first to renew all
	@$(COMPILE) requirements/dev.in --output-file requirements/dev.txt
	@$(COMPILE) requirements/runtime.in --constraints requirements/dev.txt --output-file requirements/runtime.txt
	@$(COMPILE) requirements/email.in --constraints requirements/dev.txt --output-file requirements/email.txt

audit: setup ## Known holes in what is pinned (asks the package index)
	@.venv/bin/pip-audit --require-hashes --disable-pip --requirement requirements/dev.txt
