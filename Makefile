# Everything is made from nothing: `make run` and `make test` need Python 3.11 or newer, and make.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run status seed-labels traces stop clean test lint format bench bench-broker bench-knowledge bench-search bench-analysis bench-gateway bench-websocket fuzz chaos chaos-broker chaos-webhook client images lock try-telegram bench-telemetry bench-scaling sizing manifests

export EXPORT ?=
PYTEST_ARGS ?=
# One more than there are cores: tests of whole systems wait a good part of their time.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
LOCAL := deploy/local/venv.sh local
DEV := deploy/local/venv.sh dev
BIN := .venv/bin
SERVICES := ingestion scoring embedding knowledge analysis gateway
NEVER := "Nothing was ever started here: 'make run' does it."
COMPILE := UV_NATIVE_TLS=1 UV_SYSTEM_CERTS=1 $(BIN)/uv pip compile pyproject.toml --python-version 3.11 --universal \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-package dramatiq-nats \
	--no-emit-package task-tracker --no-emit-package task-tracker-client --no-header --no-annotate -q
EMBEDDINGS := deploy/compose/embeddings
# Litestar's command line and its maker of example data, which no image has a use for.
UNUSED := $(foreach package,faker markdown-it-py mdurl polyfactory pygments rich rich-click,--no-emit-package $(package))

help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  EXPORT=path/result.json   for run: a Telegram Desktop export of your own"
	@echo "  TT_LOCAL_DIR=path         for run, status, stop, clean: where the data are (.local)"
	@echo "  PYTEST_ARGS=...           for test: e.g. tests/unit -k scoring;  WORKERS=n processes (cores + 1)"

run: ## Start everything on this machine, import a chat, follow it live; Ctrl-C stops
	@$(LOCAL)
	@exec $(BIN)/python -m deploy.local run --export "$$EXPORT"

status: ## Each program: pid, uptime, ready or why not; the addresses
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m deploy.local status || :; else echo $(NEVER); fi

seed-labels: ## Say which topics the running sample chat's messages are of, for experiments to be measured by
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m deploy.local seed-labels; else echo $(NEVER); fi

traces: ## Take the traces of a run on this machine and print them as text (RUN=run_id: only that chain)
	@$(LOCAL)
	@exec $(BIN)/python -m deploy.local traces --run "$(RUN)"

stop: ## Stop everything in order, also what a killed run left
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m deploy.local stop; else echo $(NEVER); fi

clean: ## Stop, then remove the data (.local) and the virtual environment (.venv)
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m deploy.local clean; fi
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@echo "Removed .venv and the caches of the tools."

test: ## All tests, against real Postgres and NATS
	@$(DEV)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

lint: ## ruff, mypy --strict, import-linter, codespell
	@$(DEV)
	@$(MAKE) --no-print-directory -j2 lint-types lint-rest

.PHONY: lint-types lint-rest
lint-types:
	$(BIN)/mypy .

lint-rest:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/codespell

format: ## Bring the code into the formatter's form
	@$(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## How fast it is on this machine, beside bare Postgres and bare NATS
	@$(DEV)
	@$(BIN)/python -m tests.benchmarks

bench-broker: ## dramatiq-nats beside Dramatiq's Redis and RabbitMQ brokers (as root, installs their servers)
	@deploy/local/venv.sh bench
	@$(BIN)/python shared/dramatiq-nats/benchmarks/compare.py $(BENCH_ARGS)

bench-knowledge: ## How good extraction is, on labelled conversations (any provider: BENCH_ARGS=--help)
	@$(DEV)
	@$(BIN)/python -m tests.benchmarks.knowledge_quality $(BENCH_ARGS)

bench-search: ## How fast search is on 100,000 vectors, what it misses, and how good it is on labelled queries
	@$(DEV)
	@$(BIN)/python -m tests.benchmarks.search $(BENCH_ARGS)
	@$(BIN)/python -m tests.benchmarks.search_quality

bench-analysis: ## How fast analysis runs are beside their bare SQL, and their memory at 5,000 and 50,000 messages
	@$(DEV)
	@$(BIN)/python -m tests.benchmarks.analysis

bench-telemetry: ## What tracing costs the chain: off, a tenth, all, as ratios (BENCH_ARGS=--help)
	@$(DEV)
	@$(BIN)/python -m tests.benchmarks.telemetry $(BENCH_ARGS)

bench-scaling: ## What a message costs in each service, and what more worker processes bring (BENCH_ARGS=--help)
	@$(DEV)
	@$(BIN)/python -m tests.benchmarks.scaling $(BENCH_ARGS)

sizing: ## Simulate a day of 10,000 to 10 million messages by what was measured; writes docs/sizing.md
	@$(DEV)
	@$(BIN)/python -m tests.benchmarks.sizing $(SIZING_ARGS)

bench-websocket: ## 2,000 WebSocket clients on one gateway, killed and back, beside Litestar's channels (BENCH_ARGS=--help)
	@$(DEV)
	@$(BIN)/python -m tests.benchmarks.websocket $(BENCH_ARGS)

chaos: ## Kill anything at random while the sample chat becomes knowledge and tasks, and count what is lost (CHAOS_ARGS=--help)
	@$(DEV)
	@$(BIN)/python -m tests.chaos.storm $(CHAOS_ARGS)

chaos-broker: ## Kill workers, servers and a cluster's nodes under dramatiq-nats, and count what is lost
	@$(DEV)
	@$(BIN)/python shared/dramatiq-nats/chaos/blows.py $(CHAOS_ARGS)

client: ## Write the Python client's records and operations anew from the OpenAPI document
	@$(DEV)
	@$(BIN)/python -m clients.python.generator

manifests: ## Write anew what follows from other files: NetworkPolicies, NATS's permissions, alerts, the page of settings
	@$(DEV)
	@$(BIN)/python -m deploy.manifests

bench-gateway: ## Requests a second and p99 of the gateway's reads and webhook, beside a bare Litestar route
	@$(DEV)
	@$(BIN)/python -m tests.benchmarks.gateway $(BENCH_ARGS)

fuzz: ## Ask the whole API at random, against its description (EXAMPLES=200 requests an operation, SEED=1)
	@$(DEV)
	@FUZZ_EXAMPLES=$(or $(EXAMPLES),200) FUZZ_SEED=$(or $(SEED),1) $(BIN)/python -m pytest tests/conformance/test_openapi.py

chaos-webhook: ## 5,000 webhook updates in 10 s with Postgres, then NATS, away for 5 of them
	@$(DEV)
	@BURST_UPDATES=5000 BURST_SECONDS=10 BURST_AWAY=5 $(BIN)/python -m pytest tests/chaos/test_webhook_burst.py

try-telegram: ## Try a bot of your own with Telegram itself: asks for its token, changes nothing
	@$(DEV)
	@$(BIN)/python -m tests.manual.telegram_bot

images: ## Build the six images, say how large each is and what is in it (STAND_IN=1: without a registry of images)
	@$(DEV)
	@$(BIN)/python -m deploy.docker.images $(if $(STAND_IN),--stand-in)

lock: ## Bring the hashed locks in requirements/ up to pyproject.toml (UPGRADE=1: to the newest versions)
	@$(DEV)
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra local -o requirements/local.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra dev -c requirements/local.txt -o requirements/dev.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra bench -c requirements/dev.txt -o requirements/bench.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra images -c requirements/dev.txt -o requirements/images.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) $(UNUSED) -c requirements/local.txt -o requirements/base.txt
	$(subst pyproject.toml,$(EMBEDDINGS)/requirements.in,$(COMPILE)) $(if $(UPGRADE),--upgrade) -c requirements/local.txt \
		-o $(EMBEDDINGS)/requirements.txt
	@$(MAKE) --no-print-directory $(SERVICES:%=lock-%)
	@if grep -nE '^(--|-[if])|https?://' requirements/*.txt; then \
		echo "The locks must hold no index addresses (see the lines above)." >&2; exit 1; fi

lock-%:
	$(COMPILE) $(if $(UPGRADE),--upgrade) $(UNUSED) --extra $* -c requirements/local.txt -o requirements/$*.txt
