"""The environment variables that decide bytes or speed, settled before the first library loads.

Bytes must depend on the repository alone, so what a user's shell says of threads, instruction sets
and pictures is dropped. What remains the machine's own is the CPU itself.
"""

import os
from collections.abc import MutableMapping

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
    # How long a thread spins before it sleeps. By default, so long that beside other work threads
    # take each other's cores and an epoch takes many times as long; at 1000, or with the policy
    # "passive", an epoch on an idle machine takes twice as long (benchmarks/of_busy.py).
    "GOMP_SPINCOUNT": "10000",
}


def settle_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Drop and set variables in place. Libraries that are loaded already do not notice."""
    for name in list(environment):
        if name.startswith(DROPPED_PREFIXES):
            del environment[name]
    environment.update(SETTLED)
