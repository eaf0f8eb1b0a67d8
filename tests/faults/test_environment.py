"""Unusual folders, users and settings: the pipeline works, or says in one line why not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from clone import DVC, Clone, stages_run

QUICK = {"dataset": "mnist_5k", "train__epochs": 1, "machine__threads": 1}
# Between them, these load every library.
STAGES = ("check_params", "download", "train", "plot_loss", "classify@pixels")
pytestmark = pytest.mark.slow


def repro(clone: Clone, *prefix: str, **changes: str) -> None:
    done = clone.run(*prefix, *DVC, "repro", *STAGES, check=True, **changes)
    assert stages_run(done.stdout) == set(STAGES)
    assert "Traceback" not in done.stderr


def test_temporary_runs_need_an_ascii_cache_and_dvc_says_so(tmp_path) -> None:
    """DVC writes the path of its cache to a file that it encodes as ASCII."""
    clone = Clone(tmp_path / "für", **QUICK)
    command = ("exp", "run", "--temp", "-S", "seed=1", "train")
    done = clone.run(*DVC, *command, check=False)
    assert "ERROR: unexpected error - 'ascii' codec can't encode" in done.stderr
    clone.dvc("cache", "dir", "--local", str(tmp_path / "cache"))
    clone.dvc(*command)
    assert clone.git("status", "--porcelain") == ""


def test_without_a_home(tmp_path, monkeypatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    repro(Clone(tmp_path / "clone", **QUICK))


def test_files_that_only_their_owner_may_read(tmp_path) -> None:
    clone = Clone(tmp_path / "clone", **QUICK)
    repro(clone, "sh", "-c", 'umask 077; exec "$@"', "sh")
    assert (clone.path / "plots" / "loss.png").stat().st_mode & 0o077 == 0


def test_without_git(tmp_path) -> None:
    clone = Clone(tmp_path / "clone", **QUICK)
    shutil.rmtree(clone.path / ".git")
    done = clone.run(*DVC, "repro", check=False)
    assert done.returncode != 0
    assert "is not a git repository" in done.stderr
    clone.dvc("config", "core.no_scm", "true")
    repro(clone)


def test_an_ordinary_user(tmp_path) -> None:
    """Tests that run as root become user 65534, if that user may start this Python at all."""
    clone = Clone(tmp_path / "clone", **QUICK)
    drop: tuple[str, ...] = ()
    if os.getuid() == 0:
        drop = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        for path in [clone.path, *clone.path.rglob("*")]:
            os.chown(path, 65534, 65534)
        for folder in [tmp_path, *tmp_path.parents]:
            if folder.stat().st_uid == 0 and not folder.stat().st_mode & 1:
                folder.chmod(folder.stat().st_mode | 0o011)
        probe = [*drop, "sh", "-c", f"'{sys.executable}' -c ''"]
        if subprocess.run(probe, capture_output=True).returncode:
            pytest.skip(f"an ordinary user may not start {Path(sys.executable).resolve()}")
    repro(clone, *drop, HOME=str(tmp_path / "nobody"))


NO_NETWORK = subprocess.run(["unshare", "-rn", "true"], capture_output=True)


@pytest.mark.skipif(NO_NETWORK.returncode != 0, reason="needs unshare -rn")
def test_without_a_network(tmp_path) -> None:
    clone = Clone(tmp_path / "clone", **QUICK)
    clone.set(dataset="mnist")
    done = clone.run("unshare", "-rn", "python", "stages/download.py", check=False, MNIST_MIRROR="")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: no mirror delivered MNIST (https://")
    assert "use the embedded digits: dvc exp run -S dataset=mnist_5k" in done.stderr
    assert "Traceback" not in done.stderr
    clone.set(dataset="mnist_5k")
    repro(clone, "unshare", "-rn")
