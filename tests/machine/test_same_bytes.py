"""The bytes do not depend on the CPU, nor on the number of threads, nor on the cores there are.

Other CPUs are emulated by qemu-user; it has no AVX-512.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from clone import DVC, Clone, expanded_stages
from committed import ROOT

from mnist_vae.machine.cpu import has_avx2

SCRIPT = Path(__file__).parent / "digests.py"
QEMU = shutil.which("qemu-x86_64")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_avx2(), reason="this CPU has no AVX2"),
]
emulated = pytest.mark.skipif(not QEMU, reason="needs qemu-x86_64, of Debian's qemu-user")


@cache
def digests(threads: int = 1, cpu: str = "") -> dict[str, str]:
    command = [sys.executable, "-E", str(SCRIPT), str(threads)]
    if cpu:
        assert QEMU
        command = [QEMU, "-cpu", cpu, *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_they_are_digests_of_different_values() -> None:
    found = digests()
    assert len(found) == 3 * 3 * 8 + 1
    assert len(set(found.values())) > 0.8 * len(found)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_the_number_of_threads_changes_no_bit(threads) -> None:
    assert digests(threads) == digests()


@emulated
@pytest.mark.parametrize("cpu", ["Haswell", "EPYC", "Skylake-Client"])
def test_another_cpu_changes_no_bit(cpu) -> None:
    """Intel's of 2013 and 2015, AMD's of 2017."""
    assert digests(cpu=cpu) == digests()


@emulated
@pytest.mark.parametrize("cpu", ["Nehalem", "SandyBridge"])
def test_a_cpu_without_avx2_works_and_says_that_its_digits_are_its_own(cpu) -> None:
    ask = (
        "import sys; sys.path.insert(0, 'stages'); import _stage, torch;"
        "from mnist_vae.machine.arithmetic import arithmetic, expect_settings_obeyed;"
        "expect_settings_obeyed(); print(torch.ones(2, 2) @ torch.ones(2, 2));"
        "print(arithmetic(torch.device('cpu')))"
    )
    command = [str(QEMU), "-cpu", cpu, sys.executable, "-E", "-c", ask]
    said = subprocess.check_output(command, cwd=ROOT, text=True, stderr=subprocess.DEVNULL)
    assert "this machine's own, for it is not Linux on an x86-64 CPU with AVX2" in said


SMALL = {
    "dataset": "mnist_5k",
    "latent_dim": 3,
    "model__mlp__hidden_dims": [32],
    "model__likelihood": "binarised",
    "evaluate__importance_samples": 2,
    "train__epochs": 1,
    "plot_latent__points": 200,
    "generate__grid": 4,
    "classify__max_iter": 1,
    "report__images": 100,
}


@pytest.fixture(scope="module")
def native(tmp_path_factory) -> Clone:
    clone = Clone(tmp_path_factory.mktemp("native") / "clone", **SMALL, machine__threads=1)
    clone.dvc("repro")
    clone.commit()
    return clone


@emulated
def test_every_stage_under_an_emulated_cpu_writes_the_native_bytes(native, tmp_path) -> None:
    wanted, clone = native.outs(), native.copy(tmp_path / "clone")
    for path in wanted:
        (clone.path / path).unlink()
    for stage in expanded_stages().values():
        _, *command = stage["cmd"].split()
        clone.run(str(QEMU), "-cpu", "Haswell", sys.executable, *command)
    assert clone.outs() == wanted


def cgroup_of_one_and_a_half_cores() -> Path | None:
    for root, limit in (("cpu", "cpu.cfs_quota_us"), ("", "cpu.max")):
        folder = Path("/sys/fs/cgroup") / root / f"of-a-test-{os.getpid()}"
        with contextlib.suppress(OSError):
            folder.mkdir()
            if (folder / limit).is_file():
                (folder / limit).write_text("150000")
                return folder
            folder.rmdir()
    return None


@pytest.fixture
def quota() -> Iterator[Path]:
    """The file to which a process writes its id that is to have one and a half cores at most."""
    folder = cgroup_of_one_and_a_half_cores()
    if folder is None:
        pytest.skip("may make no cgroup with a quota here")
    yield folder / "cgroup.procs"
    folder.rmdir()


def forced(clone: Clone, *prefix: str, threads: int | str) -> None:
    """Run everything again; nothing that Git knows may change but the number of threads."""
    clone.set(machine__threads=threads)
    clone.run(*prefix, *DVC, "repro", "--force")
    assert set(clone.git("status", "--porcelain").split()) <= {"M", "params.yaml"}


@pytest.mark.parametrize("threads", [2, 3, 8, "auto"])
def test_with_more_threads_every_file_is_the_same(native, threads) -> None:
    before = native.outs()
    forced(native, threads=threads)
    assert native.outs() == before


def test_on_one_core_every_file_is_the_same(native) -> None:
    before = native.outs()
    forced(native, "taskset", "-c", str(min(os.sched_getaffinity(0))), threads=2)
    assert native.outs() == before


def test_under_a_quota_of_one_and_a_half_cores_every_file_is_the_same(native, quota) -> None:
    before = native.outs()
    forced(native, "sh", "-c", f'echo $$ > {quota}; exec "$@"', "sh", threads=2)
    assert native.outs() == before
