"""The environment variables that decide bytes or speed, settled before the first library loads.

Bytes must depend on the repository alone, so what a user's shell says of threads, instruction sets
and pictures is dropped. What remains the machine's own is the CPU itself.
"""

import os
from collections.abc import MutableMapping

import psutil

# Read by OpenMP, MKL, oneDNN, OpenBLAS, torch and numpy when they load. machine.threads decides how
# many threads there are, and the CPU which instructions they use.
DROPPED_PREFIXES = (
    "OMP_",
    "GOMP_",
    "KMP_",
    "MKL_",
    "DNNL_",
    "ONEDNN_",
    "OPENBLAS_",
    "BLIS_",
    "ATEN_",
    "TORCH_",
    "PYTORCH_",
    "NPY_",
    "MATPLOTLIB",  # MATPLOTLIBRC
)
SETTLED = {
    "MPLBACKEND": "Agg",  # draws to files; a notebook's own cannot be loaded outside of it
}
# What OpenMP's threads do while they wait for one another, thousands of times per epoch. On an idle
# machine it is faster to spin; beside other work, spinning threads take each other's cores, and an
# epoch takes many times as long (benchmarks/of_busy.py).
SPIN = {"GOMP_SPINCOUNT": "10000"}
SLEEP = {"OMP_WAIT_POLICY": "passive"}
SAMPLE_SECONDS = 0.1
FREE_CORES = 1.5  # fewer are a busy machine


def settle_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Drop and set variables in place. Libraries that are loaded already do not notice."""
    for name in list(environment):
        if name.startswith(DROPPED_PREFIXES):
            del environment[name]
    environment.update(SETTLED | waiting_threads())


def waiting_threads() -> dict[str, str]:
    """What OpenMP's threads shall do while they wait, given the load of this moment."""
    return SLEEP if free_cores() < FREE_CORES else SPIN


def free_cores() -> float:
    """How many cores nothing else uses at the moment."""
    cores = psutil.cpu_count() or 1
    return cores * (1 - psutil.cpu_percent(SAMPLE_SECONDS) / 100)


def threads_sleep() -> bool:
    """Whether the machine was busy when `settle_environment` looked."""
    return SLEEP.items() <= os.environ.items()
