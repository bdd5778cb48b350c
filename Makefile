# Everything runs in .venv, which is made from requirements.lock and nothing else.

CORES ?= all
# The first Python on PATH that pyproject.toml admits; PYTHON=... names another.
ADMITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))
PYTHON ?= $(firstword $(foreach name,python3 python3.12 python3.11,\
	$(shell $(name) -c '$(ADMITS)' >/dev/null 2>&1 && echo $(name))))

INSIDE := PATH="$(CURDIR)/.venv/bin:$$PATH"
# uv, where it is on PATH, does what pip does in a fraction of the time; the lock decides either way.
INSTALL = $(if $(shell uv --version 2>/dev/null),uv pip install --python .venv --compile-bytecode,\
	.venv/bin/python -m pip --disable-pip-version-check install) --quiet

.DEFAULT_GOAL := help
.PHONY: help demo repro test kills clusters figures lint types bench lock clean

help: ## List the targets.
	@sed -nE 's/^([a-z]+):.*## (.*)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 8

demo: .venv/.done ## Rebuild the demonstration study; nothing to download but packages.
	$(INSIDE) snakemake --cores $(CORES) --config study=demo
	@echo "The report lies in results/demo/report/index.html"

repro: .venv/.done ## The chosen study by way of DVC, which also knows the content of every file.
	$(INSIDE) dvc repro

test: lint types ## All checks: format, lint, types, tests.
	$(INSIDE) pytest

kills: .venv/.done ## Kill every step, restamp and seal 50 times each at random moments; 'test' 5 times each.
	$(INSIDE) BIQA_KILLS=50 pytest -k "killed_at_random"

# S3, Slurm and clouds need packages that slow snakemake down; they get an environment of their own.
APART := remotes slurm profiles clouds
clusters: .venv/clusters/.done ## S3, Slurm ('.ci/slurm up' starts one) and the profiles of clouds.
	PATH="$(CURDIR)/.venv/clusters/bin:$$PATH" python -m pytest $(APART:%=tests/seam/test_%.py)

STUDY ?= livec
figures: .venv/.done ## Draw STUDY's tables and figures again from its predictions; fail where git differs.
	$(INSIDE) python -m biqa check-figures --study $(STUDY)

lint: .venv/.done
	$(INSIDE) ruff check
	$(INSIDE) ruff format --check
	$(INSIDE) snakefmt --check Snakefile workflow

types: .venv/.done
	$(INSIDE) mypy

bench: .venv/.done ## Time the loop, the losses and the workflow; ratios go to results/bench.
	for program in training stem bound number_format losses workflow seam clone scaling publishing frozen_features cost; do \
		$(INSIDE) python benchmarks/$$program.py || exit 1; done

SHARED := dvc|jsonschema|numpy|pandas|pytest|pyyaml|snakemake
lock: ## Renew requirements.lock from pyproject.toml, and that of 'clusters'; needs uv.
	uv pip compile pyproject.toml --extra dev --upgrade --quiet --universal \
		--fork-strategy fewest --generate-hashes --no-emit-index-url --no-header \
		--output-file requirements.lock
	grep -oE '^[a-z0-9-]+==[^ ]+' requirements.lock | grep -E '^($(SHARED))==' | \
		uv pip compile tests/seam/requirements.in --constraints /dev/stdin --upgrade --quiet \
		--python-version 3.11 --no-annotate --no-emit-index-url --no-header \
		--output-file tests/seam/requirements.txt

clean: ## Remove the environment; results stay.
	rm -rf .venv

# The lock holds the build backend too, so that the last line needs no network.
.venv/.done: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "biqa needs Python 3.11 or 3.12; name one with PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

.venv/clusters/.done: tests/seam/requirements.txt
	$(PYTHON) -m venv .venv/clusters
	$(INSTALL:.venv%=.venv/clusters%) -r $<
	touch $@
