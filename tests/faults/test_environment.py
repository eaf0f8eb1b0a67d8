"""Unusual folders, users, shells and settings: the pipeline works, and writes the same bytes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from clone import DVC, QUICK, Clone, expanded_stages, stages_run

HOSTILE = {
    "OMP_THREAD_LIMIT": "1",
    "OMP_DYNAMIC": "true",
    "OMP_NUM_THREADS": "1",
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONSAFEPATH": "1",
    "LANG": "C",
}
UNSET = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LC_ALL", "LC_CTYPE", "PYTHONUTF8")
NO_NETWORK = subprocess.run(["unshare", "-rn", "true"], capture_output=True)
pytestmark = pytest.mark.slow


def test_a_hostile_shell_in_a_folder_beyond_ascii_changes_no_byte(
    quick_run, tmp_path, monkeypatch
) -> None:
    """No home, the C locale, the user's own style, files that only their owner may read."""
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    style = tmp_path / "matplotlibrc"
    style.write_text("font.size: 20\nlines.linewidth: 9\naxes.facecolor: red\n")
    clone = Clone(tmp_path / "für 数字 a b", **QUICK)
    private = ("sh", "-c", 'umask 077; exec "$@"', "sh")
    hostile = HOSTILE | {"MATPLOTLIBRC": str(style)}
    done = clone.run(*private, *DVC, "repro", check=True, **hostile)
    assert stages_run(done.stdout) == set(expanded_stages())
    assert "Traceback" not in done.stderr
    assert clone.outs() == quick_run.outs()
    assert (clone.path / "plots" / "loss.png").stat().st_mode & 0o077 == 0
    clone.commit()
    # What DVC's --temp needs there, as docs/faults.md says
    shutil.move(clone.path / ".dvc" / "cache", tmp_path / "cache")
    clone.dvc("cache", "dir", "--local", str(tmp_path / "cache"))
    clone.dvc("exp", "run", "--temp", "-S", "plot_latent.points=50", "plot_latent", **hostile)
    assert clone.git("status", "--porcelain") == ""


@pytest.mark.skipif(NO_NETWORK.returncode != 0, reason="needs unshare -rn")
def test_without_a_network(quick_run, tmp_path) -> None:
    clone = Clone(tmp_path / "clone", **(QUICK | {"dataset": "mnist"}))
    done = clone.run("unshare", "-rn", "python", "stages/download.py", check=False, MNIST_MIRROR="")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: no mirror delivered MNIST (https://")
    assert "use the embedded digits: dvc exp run -S dataset=mnist_5k" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((clone.path / "data").glob("*.npz*"))
    clone.set(dataset="mnist_5k")
    clone.run("unshare", "-rn", *DVC, "repro", "download")
    assert clone.outs("download") == quick_run.outs("download")


def test_without_git_as_an_ordinary_user(quick_run, tmp_path) -> None:
    clone = Clone(tmp_path / "clone", **QUICK)
    shutil.rmtree(clone.path / ".git")
    done = clone.run(*DVC, "repro", check=False)
    assert done.returncode != 0
    assert "is not a git repository" in done.stderr
    clone.dvc("config", "core.no_scm", "true")
    # Between them, these load every library.
    stages = "download", "train", "plot_loss", "classify@pixels"
    command = (*ordinary_user(clone.path), *DVC, "repro", *stages)
    clone.run(*command, HOME=str(tmp_path / "nobody"))
    assert clone.outs(*stages) == quick_run.outs(*stages)


def ordinary_user(folder: Path) -> tuple[str, ...]:
    """What to put before a command of root's that user 65534 is to run in `folder`; nothing if that
    user may not start this Python."""
    drop = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    probe = [*drop, "sh", "-c", f"'{sys.executable}' -c ''"]
    if os.getuid() or subprocess.run(probe, capture_output=True).returncode:
        return ()
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, 65534, 65534)
    for above in folder.parents:
        if above.stat().st_uid == 0 and not above.stat().st_mode & 1:
            above.chmod(above.stat().st_mode | 0o011)
    return drop
