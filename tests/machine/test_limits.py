"""Cores and memory that this process may use, as cgroups of both versions say it."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from default_run import ROOT

from mnist_vae.machine import limits

CORES = len(limits.cores())


@pytest.fixture(autouse=True)
def cgroups(tmp_path, monkeypatch) -> Path:
    """A tree of cgroups, empty so far, in which this process is in a/b."""
    monkeypatch.setattr(limits, "CGROUPS", tmp_path)
    monkeypatch.setattr(limits, "OWN_CGROUPS", tmp_path / "own")
    monkeypatch.setattr(limits, "cores", lambda: list(range(8)))
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")


def test_without_cgroups_the_affinity_alone_counts() -> None:
    assert limits.usable_cores() == 8
    assert limits.usable_memory() == psutil.virtual_memory().total


def test_the_least_of_all_quotas_around_counts(cgroups) -> None:
    (cgroups / "own").write_text("0::/a/b\n")
    write(cgroups / "a/b", cpu__max="max 100000", memory__max="max")
    write(cgroups / "a", cpu__max="150000 100000", memory__max="1000000", cpu__stat="usage_usec 7")
    write(cgroups, cpu__max="600000 100000")
    assert limits.usable_cores() == 1.5
    assert limits.usable_memory() == 1_000_000
    assert limits.quotas()[0].used() == 7e-6


def test_version_1(cgroups) -> None:
    (cgroups / "own").write_text("4:memory:/a\n2:cpu,cpuacct:/a/b\n1:name=systemd:/\n")
    write(cgroups / "cpu/a/b", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    write(cgroups / "cpu/a", cpu__cfs_quota_us="250000", cpu__cfs_period_us="100000")
    write(cgroups / "cpu/a", cpuacct__usage="3000000000")
    write(cgroups / "memory/a", memory__limit_in_bytes="2000000")
    assert limits.usable_cores() == 2.5
    assert limits.usable_memory() == 2_000_000
    assert limits.quotas()[0].used() == 3


def test_a_container_sees_its_own_cgroup_as_the_root(cgroups) -> None:
    (cgroups / "own").write_text("0::/docker/0123\n")
    write(cgroups, cpu__max="50000 100000")
    assert limits.usable_cores() == 0.5


@pytest.mark.parametrize(("given", "cores"), [("3", 3), ("64", 8), ("", 8), ("0", 8), ("x", 8)])
def test_slurm_gives_a_job_its_cores(monkeypatch, given, cores) -> None:
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", given)
    assert limits.usable_cores() == cores


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_the_affinity_is_this_processs_own() -> None:
    ask = "from mnist_vae.machine.limits import cores; print(cores())"
    command = ["taskset", "-c", str(min(os.sched_getaffinity(0))), sys.executable, "-c", ask]
    environment = os.environ | {"PYTHONPATH": "src"}
    said = subprocess.check_output(command, cwd=ROOT, env=environment, text=True)
    assert said == f"[{min(os.sched_getaffinity(0))}]\n"
