# The two commands: `make repro` runs the pipeline, `make test` lints and tests.
# Besides: `make bench` measures, `make soak` kills trainings (KILLS=50 of them) and looks what is lost.
# Each makes .venv first when it is missing or older than the pins.

PYTHON ?= python3
INSTALLED := .venv/.installed
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
.DEFAULT_GOAL := repro

.PHONY: repro test bench soak

repro: $(INSTALLED)
	@$(BIN)/python stages/check_params.py
	@$(BIN)/dvc repro download 2> .venv/said; status=$$?; cat .venv/said >&2; \
	if grep -q "error: no mirror delivered MNIST" .venv/said; then \
	  echo; \
	  echo "make repro: MNIST could not be downloaded, as said above."; \
	  echo "make repro: running on the 5,000 embedded digits: dvc exp run -S dataset=mnist_5k"; \
	  echo "make repro: with a mirror at hand, go back: dvc exp run -S dataset=mnist"; \
	  echo; \
	  $(BIN)/dvc exp run -S dataset=mnist_5k; \
	else exit $$status; fi
	@$(BIN)/dvc repro

test: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest -n 2 --dist loadfile

bench: $(INSTALLED)
	$(BIN)/python benchmarks/run.py

soak: $(INSTALLED)
	$(BIN)/python tests/faults/soak.py $(or $(KILLS),50)

$(INSTALLED): requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements.txt
	touch $@
