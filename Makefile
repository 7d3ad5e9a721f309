# Every command a person needs; what each does is told by `make help`.
# Bare machine: Python 3.11 or 3.12 with venv, make and a C library.
PORT ?= 8000
DATA ?= var
DEMO ?= 1
export PORT DATA DEMO

PY := .venv/bin/python
STACK := $(PY) -m config.stack

# Runs config/stack/bootstrap.py with the first Python that will do.
define install
@for python in python3.11 python3.12 python3; do \
	if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info[:2] not in {(3, 11), (3, 12)})' 2>/dev/null; \
	then exec $$python config/stack/bootstrap.py $(1); fi; \
done; \
echo 'scruple: Python 3.11 or 3.12 with its venv module is needed.' >&2; exit 1
endef

.PHONY: help run test check manage bench install install-dev
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

install:
	$(call install,stack)

install-dev:
	$(call install,dev)

run: install ## start everything; PORT=8000 DATA=var DEMO=1
	@exec $(STACK) run --under-make

manage: ## a management command against the running stack: ARGS="…", same DATA
	@test -x $(PY) || { echo 'scruple: nothing is installed yet: use make run first.' >&2; exit 1; }
	@exec $(STACK) manage $(ARGS)

test: install-dev ## the whole suite on its own PostgreSQL and Redis; ARGS="-k name" for a part
	@exec $(STACK) test -- $(PY) -m pytest $(ARGS)

bench: install-dev ## figures, printed as ratios
	@exec $(STACK) test -- $(PY) -m bench $(ARGS)

# What a real installation sets, none of it real.
PRODUCTION := env -u EMBEDDED \
	DATABASE_URL=postgresql://app@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
	SECRET_KEY=$$(printf 'not-a-secret-%.0s' 1 2 3 4 5) \
	MFA_KEYS=$$(printf 'bm90LWEtc2VjcmV0%.0s' 1 2)bm90LWEtc2U= \
	PUBLIC_URL=https://orders.example.org EMAIL_URL=smtp+tls://127.0.0.1:1

docs: install-dev ## docs/reference.md and docs/checks.md, from the code
	$(PY) manage.py write_docs

check: install-dev ## format, lint, types, imports, templates, migrations, deployment settings
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	find templates -name '*.html' -print0 | xargs -0 -r .venv/bin/djade --check --target-version 5.2
	$(STACK) test -- $(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py write_docs --check
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING
