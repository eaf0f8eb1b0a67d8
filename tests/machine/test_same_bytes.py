"""The bytes depend neither on the number of threads nor on the cores there are."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from clone import DVC, expanded_stages, stages_run
from machine.digests import digests

from mnist_vae.machine.cpu import has_avx2

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_avx2(), reason="this CPU has no AVX2"),
]


def test_they_are_digests_of_different_values() -> None:
    found = digests()
    assert len(found) == 3 * 3 * 7
    assert len(set(found.values())) > 0.8 * len(found)


@pytest.mark.parametrize("threads", [3, 4])
def test_the_number_of_threads_changes_no_bit(threads) -> None:
    assert digests(threads) == digests()


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


def test_under_a_quota_of_one_and_a_half_cores_every_file_is_the_same(
    quick_run, tmp_path, quota
) -> None:
    clone = quick_run.copy(tmp_path / "clone")
    clone.set(machine__threads=8)
    limited = ("sh", "-c", f'echo $$ > {quota}; exec "$@"', "sh")
    done = clone.run(*limited, *DVC, "repro", "--force")
    assert stages_run(done.stdout) == set(expanded_stages())
    assert set(clone.git("status", "--porcelain").split()) <= {"M", "params.yaml"}
    assert clone.outs() == quick_run.outs()
