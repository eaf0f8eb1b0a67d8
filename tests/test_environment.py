"""What the user's shell says of threads, instruction sets and pictures does not reach a library."""

import json
import os
import subprocess
import sys

import pytest
from committed import ROOT

from mnist_vae.environment import settle_environment

HOSTILE = {
    "OMP_THREAD_LIMIT": "1",
    "OMP_DYNAMIC": "true",
    "OMP_NUM_THREADS": "7",
    "OMP_WAIT_POLICY": "active",
    "GOMP_SPINCOUNT": "infinity",
    "MKL_NUM_THREADS": "1",
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MATPLOTLIBRC": "/nowhere",
}
KEPT = {"PATH": "/bin", "HOME": "/root", "MNIST_MIRROR": "/mnist", "DVC_ROOT": "/x"}
ASK = """
import sys, json
sys.path.insert(0, "stages")
import _stage
import torch, matplotlib
torch.set_num_threads(2)
print(json.dumps({
    "capability": torch.backends.cpu.get_cpu_capability(),
    "backend": matplotlib.get_backend(),
    "openmp": [l for l in torch.__config__.parallel_info().splitlines() if "max_threads" in l],
}))
"""


def test_only_what_decides_bytes_or_speed_is_dropped_or_set() -> None:
    environment = HOSTILE | KEPT
    settle_environment(environment)
    assert environment.items() >= KEPT.items()
    left = environment.keys() - KEPT.keys()
    assert left == {"MPLBACKEND", "GOMP_SPINCOUNT"}
    assert environment["MPLBACKEND"] == "Agg"
    assert environment["GOMP_SPINCOUNT"].isdigit()


@pytest.mark.slow
def test_the_libraries_load_as_if_the_shell_had_said_nothing() -> None:
    def loaded(**hostile: str) -> dict:
        clean = {k: v for k, v in os.environ.items() if k not in HOSTILE}
        command = [sys.executable, "-E", "-c", ASK]
        return json.loads(subprocess.check_output(command, cwd=ROOT, env=clean | hostile))

    assert loaded(**HOSTILE) == loaded()
