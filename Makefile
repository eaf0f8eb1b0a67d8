# `make repro` runs the pipeline. `make test` is the newcomer's: lint, types, units, and the pipeline on
# the embedded digits. `make test-all` adds faults, experiments, sweeps, browsers and full MNIST.
# `make bench` measures, `make soak` kills a training KILLS times, `make pins` remakes requirements*.txt,
# `make pictures` copies those that README shows.
# Each makes .venv first when it is missing, was moved, or is older than the pins; what tests alone need
# comes with the first test.

PYTHON ?= python3
# auto: without an NVIDIA GPU, PyTorch's own index, whose torch for the CPU saves gigabytes on Linux, if
# it answers and delivers; cpu: from there in any case; default: what pip finds by itself.
TORCH ?= auto
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
INSTALLED := .venv/.installed
TESTED := .venv/.tested
BIN := .venv/bin
# pip would compile every module, which takes 300 MB; Python compiles those that it imports.
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-compile
# As modules: the commands in .venv/bin name the folder that they were installed in.
DVC := $(BIN)/python -m dvc
PYTEST := $(BIN)/python -m pytest --dist loadfile
# Empty if .venv was moved here from another folder, or its Python is gone.
WORKS := $(shell cd -P .venv 2> /dev/null && bin/python -c 'import os, pathlib, shlex, sys; \
  text, here = pathlib.Path("bin/activate").read_text(), os.getcwd(); \
  sys.exit(here not in text and shlex.quote(here) not in text)' 2> /dev/null && echo yes)
export PATH := $(CURDIR)/$(BIN):$(PATH)
.DEFAULT_GOAL := repro

.PHONY: repro test test-all bench soak pins pictures $(if $(WORKS),,$(INSTALLED))

repro: $(INSTALLED)
	@rm -f .dvc/tmp/seconds
	@$(DVC) repro download 2> .venv/download.log; status=$$?; cat .venv/download.log >&2; \
	if [ -z "$$MNIST_MIRROR" ] && grep -q "error: no mirror delivered MNIST" .venv/download.log; then \
	  echo; \
	  echo "make repro: MNIST could not be downloaded, as said above."; \
	  echo "make repro: running on the 5,000 embedded digits: dvc exp run -S dataset=mnist_5k"; \
	  echo "make repro: once a mirror can be reached, go back: dvc exp run -S dataset=mnist"; \
	  echo; \
	  $(DVC) exp run -S dataset=mnist_5k; \
	else exit $$status; fi
	@$(DVC) repro
	@echo "make repro: open $(CURDIR)/report/index.html in a browser; pictures are in plots/"
	@sed "s/^/make repro: /" .dvc/tmp/seconds 2> /dev/null || echo "make repro: no stage had to run"
	@echo "make repro: $$(PYTHONPATH=src $(BIN)/python -m mnist_vae.compare.reproduced 2>&1)"

test: $(TESTED)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m basedpyright
	$(PYTEST) -n 2 -m "not slow"

# Three at a time: slow tests wait for one another's processes, so that two leave a core idle.
test-all: test
	$(PYTEST) -n 3 -m slow --no-loadscope-reorder

bench: $(INSTALLED)
	$(BIN)/python benchmarks/run.py

soak: $(TESTED)
	$(BIN)/python tests/faults/soak.py $(or $(KILLS),50)

pins: $(INSTALLED)
	$(BIN)/python .ci/pins.py

pictures: $(INSTALLED)
	$(DVC) repro
	cp plots/manifold.png plots/latent.png docs/pictures/

$(INSTALLED): requirements.txt
	"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15) and "Python 3.11 to 3.14 is needed")'
	@if [ -n "$$(ls -A .venv/ 2> /dev/null)" ] && [ ! -e .venv/pyvenv.cfg ]; then \
	  echo "make: .venv is not empty, but no Python environment: move or remove it" >&2; exit 1; fi
	@"$(PYTHON)" -c 'import os; os.makedirs(os.path.realpath(".venv"), exist_ok=True)'  # where a link leads
	"$(PYTHON)" -m venv $(if $(WORKS),,--clear) "$$(cd -P .venv 2> /dev/null && pwd || echo .venv)"
	@torch=$(TORCH); \
	if [ $$torch = auto ] && [ "$$(uname -s)" = Linux ] && [ ! -e /proc/driver/nvidia ] \
	  && ! command -v nvidia-smi > /dev/null && $(BIN)/python -c \
	  'import urllib.request as r; r.urlopen("$(TORCH_INDEX)/torch/", timeout=5)' 2> /dev/null; \
	then torch=cpu; fi; \
	if [ $$torch = cpu ]; then \
	  echo "make: torch for the CPU, some 200 MB, from $(TORCH_INDEX) (TORCH=default: pip's own choice)"; \
	  $(PIP) --index-url $(TORCH_INDEX) --no-deps $$(grep -E '^torch(vision)?==' requirements.txt) \
	  || { [ $(TORCH) = auto ] || exit 1; torch=default; }; \
	fi; \
	[ $$torch = cpu ] \
	  || echo "make: what pip chooses; on Linux its torch may bring CUDA, some 5 GB (TORCH=cpu: without)"
	$(PIP) -r requirements.txt
	$(BIN)/python -c 'import pathlib, sys, sysconfig; \
	  (pathlib.Path(sysconfig.get_path("purelib")) / "mnist_vae.pth").write_text(sys.argv[1])' "$(CURDIR)/src"
	touch $@

$(TESTED): requirements-test.txt $(INSTALLED)
	$(PIP) -r requirements-test.txt
	touch $@
