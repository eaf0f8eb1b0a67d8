"""The bytes do not depend on the CPU. Others are emulated by qemu-user, which has no AVX-512."""

import shutil
import subprocess
import sys

import pytest
from clone import QUICK, Clone, expanded_stages
from default_run import ROOT
from extensions import few_images
from machine.digests import digests

from mnist_vae.machine.cpu import has_avx2

QEMU = shutil.which("qemu-x86_64")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_avx2(), reason="this CPU has no AVX2"),
    pytest.mark.skipif(not QEMU, reason="needs qemu-x86_64, of Debian's qemu-user"),
]


def emulated(cpu: str) -> tuple[str, ...]:
    """Starts this Python on such a CPU."""
    return str(QEMU), "-cpu", cpu, sys.executable


@pytest.mark.parametrize("cpu", ["Haswell", "EPYC"])
def test_another_cpu_changes_no_bit(cpu) -> None:
    """Intel's of 2013, AMD's of 2017."""
    few = 48  # an emulated CPU is slow
    assert digests(1, *emulated(cpu), images=few) == digests(images=few)


def test_a_cpu_without_avx2_works_and_says_that_its_digits_are_its_own() -> None:
    ask = (
        "import sys; sys.path.insert(0, 'stages'); import _stage, torch;"
        "from mnist_vae.machine.arithmetic import arithmetic, expect_settings_obeyed;"
        "expect_settings_obeyed(); print(torch.ones(2, 2) @ torch.ones(2, 2));"
        "print(arithmetic(torch.device('cpu')))"
    )
    command = [*emulated("SandyBridge"), "-E", "-c", ask]
    said = subprocess.check_output(command, cwd=ROOT, text=True, stderr=subprocess.DEVNULL)
    assert "this machine's own, for it is not Linux on an x86-64 CPU with AVX2" in said


SMALL = QUICK | {
    "latent_dim": 3,
    "model__mlp__hidden_dims": [32],
    "model__likelihood": "binarised",
    "evaluate__importance_samples": 2,
    "plot_latent__points": 100,
    "generate__grid": 3,
    "report__images": 20,
}
# In one process: under emulation, loading the libraries takes longer than what they compute.
ALL_STAGES = """
import runpy, sys
sys.path.insert(0, "stages")
for command in sys.argv[1:]:
    sys.argv = command.split()
    runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_every_stage_under_an_emulated_cpu_writes_the_native_bytes(tmp_path) -> None:
    clone = Clone(tmp_path / "clone", **SMALL)
    few_images(clone)
    clone.commit()
    clone.dvc("repro")
    wanted = clone.outs()
    for path in wanted:
        (clone.path / path).unlink()
    commands = [stage["cmd"].removeprefix("python -E ") for stage in expanded_stages().values()]
    clone.run(*emulated("Haswell"), "-E", "-c", ALL_STAGES, *commands)
    assert clone.outs() == wanted
