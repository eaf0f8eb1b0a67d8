"""What the user's shell says of threads, instruction sets and pictures does not reach a library."""

import json
import os
import subprocess
import sys

import pytest
from default_run import ROOT

from mnist_vae.machine.cpu import has_avx2
from mnist_vae.machine.environment_variables import AVX2, EVERYWHERE, settle_environment

HOSTILE = {
    "OMP_THREAD_LIMIT": "1",
    "OMP_DYNAMIC": "true",
    "OMP_NUM_THREADS": "7",
    "GOMP_SPINCOUNT": "infinity",
    "OMP_PROC_BIND": "close",
    "MKL_NUM_THREADS": "1",
    "MKL_CBWR": "AVX512",
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "DNNL_DEFAULT_FPMATH_MODE": "BF16",
    "OPENBLAS_CORETYPE": "Prescott",
    "OPENBLAS_NUM_THREADS": "3",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MATPLOTLIBRC": "/nowhere",
}
KEPT = {
    "PATH": "/bin",
    "HOME": "/root",
    "MNIST_MIRROR": "/mnist",
    "DVC_ROOT": "/x",
    "KMP_DUPLICATE_LIB_OK": "TRUE",  # as torch's own messages recommend on a Mac
    "PYTORCH_ENABLE_MPS_FALLBACK": "1",
    "ONEDNN_VERBOSE": "1",
}
ASK = """
import sys, json
sys.path.insert(0, "stages")
import _stage
import torch, matplotlib, numpy
from threadpoolctl import threadpool_info
from mnist_vae.machine.arithmetic import digest, known_arrays, known_tensors
numpy.linalg.eigh(numpy.eye(3))
print(json.dumps({
    "capability": torch.backends.cpu.get_cpu_capability(),
    "backend": matplotlib.get_backend(),
    "pools": sorted([i["internal_api"], i["num_threads"]] for i in threadpool_info()),
    "bits": [digest(known_arrays()), digest(known_tensors())],
}))
"""


@pytest.mark.parametrize("avx2", [True, False])
def test_only_what_decides_bytes_is_dropped_or_set(monkeypatch, avx2) -> None:
    monkeypatch.setattr("mnist_vae.machine.environment_variables.has_avx2", lambda: avx2)
    environment = HOSTILE | KEPT
    settle_environment(environment)
    assert environment == KEPT | EVERYWHERE | (AVX2 if avx2 else {})


@pytest.mark.skipif(not has_avx2(), reason="this CPU has no AVX2")
@pytest.mark.slow
def test_the_libraries_load_as_if_the_shell_had_said_nothing() -> None:
    def loaded(**hostile: str) -> dict:
        clean = {k: v for k, v in os.environ.items() if k not in HOSTILE}
        command = [sys.executable, "-E", "-c", ASK]
        return json.loads(subprocess.check_output(command, cwd=ROOT, env=clean | hostile))

    assert loaded(**HOSTILE) == loaded()
