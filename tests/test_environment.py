"""What the user's shell says of threads, instruction sets and pictures does not reach a library."""

import json
import os
import subprocess
import sys
import time

import psutil
import pytest
from committed import ROOT

from mnist_vae.environment import free_cores, settle_environment

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


@pytest.mark.parametrize(
    ("free", "waiting"),
    [(2.0, ("GOMP_SPINCOUNT", "10000")), (0.9, ("OMP_WAIT_POLICY", "passive"))],
)
def test_only_what_decides_bytes_or_speed_is_dropped_or_set(monkeypatch, free, waiting) -> None:
    monkeypatch.setattr("mnist_vae.environment.free_cores", lambda: free)
    environment = HOSTILE | KEPT
    settle_environment(environment)
    assert environment.items() >= KEPT.items()
    left = environment.items() - KEPT.items()
    assert left == {("MPLBACKEND", "Agg"), waiting}


def test_busy_loops_leave_no_core_free() -> None:
    cores = psutil.cpu_count() or 1
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores)]
    try:
        time.sleep(0.5)
        assert free_cores() < 0.5 * cores
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@pytest.mark.slow
def test_the_libraries_load_as_if_the_shell_had_said_nothing() -> None:
    def loaded(**hostile: str) -> dict:
        clean = {k: v for k, v in os.environ.items() if k not in HOSTILE}
        command = [sys.executable, "-E", "-c", ASK]
        return json.loads(subprocess.check_output(command, cwd=ROOT, env=clean | hostile))

    assert loaded(**HOSTILE) == loaded()
