# The two commands: `make repro` runs the pipeline, `make test` lints and tests.
# Each makes .venv first when it is missing or older than the pins.

PYTHON ?= python3
INSTALLED := .venv/.installed
export PATH := $(CURDIR)/.venv/bin:$(PATH)
.DEFAULT_GOAL := repro

.PHONY: repro test bench

repro: $(INSTALLED)
	@python stages/check_params.py
	@dvc repro download || { \
	  echo; \
	  echo "make repro: MNIST could not be downloaded, as said above."; \
	  echo "make repro: running on the 5,000 embedded digits: dvc exp run -S dataset=mnist_5k"; \
	  echo "make repro: with a mirror at hand, go back: dvc exp run -S dataset=mnist"; \
	  echo; \
	  dvc exp run -S dataset=mnist_5k; }
	@dvc repro

test: $(INSTALLED)
	ruff check .
	ruff format --check .
	pytest -n 2 --dist loadfile

bench: $(INSTALLED)
	python benchmarks/run.py

$(INSTALLED): requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --disable-pip-version-check --quiet -r requirements.txt
	touch $@
