"""The environment variables that decide bytes, set before the first library loads.

A library chooses its kernels by the CPU that it finds: AVX-512 adds up in another order than AVX2,
and Intel's library takes other paths on AMD's CPUs. So each is told to use AVX2 and fused
multiply-add, which every x86-64 CPU of the last ten years has. arithmetic.py checks that it obeys.
"""

import os
from collections.abc import MutableMapping

from mnist_vae.machine.cpu import has_avx2

AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own kernels
    "ONEDNN_MAX_CPU_ISA": "AVX2",  # oneDNN: products, convolutions
    "MKL_CBWR": "COMPATIBLE",  # MKL: exp and log in torch; AVX2 would hold on Intel's CPUs alone
    "OPENBLAS_CORETYPE": "Haswell",  # OpenBLAS: products in numpy, scipy, scikit-learn
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",  # numpy's functions
}
EVERYWHERE = {
    # torch is told its number later. Elsewhere a second thread changes the order of sums, and
    # threads of different libraries take each other's cores.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # How long threads that wait for one another, tens of thousands of times per epoch, spin before
    # they sleep: some microseconds. By itself, OpenMP lets them spin for milliseconds, in which
    # they take the cores from other work.
    "GOMP_SPINCOUNT": "10000",
    "MPLBACKEND": "Agg",  # draws to files; a notebook's own cannot be loaded outside of it
}
# Other variables that would change bytes, or the cores that threads run on. Those that end in
# _VERBOSE only log.
DROPPED = (
    *("ATEN_", "ONEDNN_", "DNNL_", "MKL_", "OPENBLAS_", "GOTO_", "NPY_", "MATPLOTLIBRC"),
    # Fewer threads than asked for leave parts uncomputed.
    *("OMP_THREAD_LIMIT", "OMP_DYNAMIC", "OMP_MAX_ACTIVE_LEVELS"),
    *("OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"),  # all threads on one core
    *("TORCH_ALLOW_TF32", "NVIDIA_TF32"),  # products of 10 bits on a GPU
)


def settle_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Drop and set variables in place. Libraries that are loaded already do not notice."""
    for name in list(environment):
        if name.startswith(DROPPED) and not name.endswith("_VERBOSE"):
            del environment[name]
    environment.update(EVERYWHERE | (AVX2 if has_avx2() else {}))
