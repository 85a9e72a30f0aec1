# What a developer does here. `make` alone prints this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
T ?= tests
# Only a run of all tests says anything about all rows.
SCORECARD := $(if $(filter tests,$(T)),--scorecard teahouse/privacy/scorecard/run.json)
# Where the web client is built to, and served from.
WEB := $(or $(TEAHOUSE_WEB_FILES),teahouse/web_dist)

.PHONY: help run web test stories lint format bench docs screenshots migration sbom audit clean

help: ## print this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/installed: pyproject.toml uv.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet 'uv>=0.9,<1'
	UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen --quiet
	touch $@

tests/js/node_modules/.package-lock.json: tests/js/package.json tests/js/package-lock.json
	cd tests/js && npm ci --no-audit --no-fund --silent

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --silent

WEB_SOURCES := $(shell find web/src web/sw web/public web/*.html web/*.ts web/*.json -type f)

$(WEB)/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npx vite build --logLevel warn

web: $(WEB)/index.html ## build the web client into the package

run: $(VENV)/installed $(WEB)/index.html ## run a demo on http://127.0.0.1:8008
	$(BIN)/teahouse demo --data demo-data

test: $(VENV)/installed tests/js/node_modules/.package-lock.json $(WEB)/index.html ## lint, then run every test (T=path for some)
	$(MAKE) lint
	cd web && npx vitest run
	$(BIN)/pytest $(T) -n 2 --dist loadgroup $(SCORECARD)

lint: $(VENV)/installed web/node_modules/.package-lock.json ## check form, types and layering
	$(BIN)/ruff format --check teahouse tests benchmarks docs supply_chain
	$(BIN)/ruff check teahouse tests benchmarks docs supply_chain
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd web && npx tsc --noEmit && npx eslint .

format: $(VENV)/installed ## put the code into its form
	$(BIN)/ruff format teahouse tests benchmarks docs supply_chain
	$(BIN)/ruff check --fix teahouse tests benchmarks docs supply_chain

bench: $(VENV)/installed ## measure beside Synapse (about half an hour; ARGS=--quick for a glance)
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/installed ## write the generated parts of docs/reference
	$(BIN)/python -m docs.generate

screenshots: $(VENV)/installed $(WEB)/index.html ## take the pictures of the web client in docs/images
	$(BIN)/python -m docs.screenshots

migration: $(VENV)/installed ## write the newest migration from the tables
	$(BIN)/python -m teahouse.migrations.write

sbom: $(VENV)/installed ## write bills of materials (CycloneDX) to teahouse/sbom
	$(BIN)/python -m supply_chain.sbom teahouse/sbom

audit: $(VENV)/installed ## look for known holes in the locked packages (needs a network)
	$(BIN)/python -m supply_chain.audit $(ARGS)

clean: ## remove what was installed and measured
	rm -rf $(VENV) .bench demo-data tests/js/node_modules web/node_modules teahouse/web_dist teahouse/sbom
