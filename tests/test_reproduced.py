"""`make repro`'s last line: whether what lies here is what is committed."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mnist_vae import reproduced
from mnist_vae.reproduced import other_versions, verdict


def lock(**changes: str) -> str:
    """A dvc.lock of two stages, with the MD5 of a path or the value of a parameter changed."""
    values = {
        "src/a.py": "1",
        "latent_dim": "2",
        "models/vae.pt": "3",
        "plots/a.png": "4",
    } | changes
    train = {
        "deps": [{"path": "src/a.py", "md5": values["src/a.py"]}],
        "params": {"params.yaml": {"latent_dim": values["latent_dim"]}},
        "outs": [{"path": "models/vae.pt", "md5": values["models/vae.pt"]}],
    }
    plot = {"outs": [{"path": "plots/a.png", "md5": values["plots/a.png"]}]}
    return yaml.safe_dump({"stages": {"train": train, "plot": plot}})


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A repository whose dvc.lock is committed; all packages are as pinned."""
    (tmp_path / "dvc.lock").write_text(lock())
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "state"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(reproduced, "other_versions", list)
    return tmp_path


def test_equal_bytes(folder) -> None:
    assert verdict(folder) == "all 2 outputs have the committed bytes"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"latent_dim": "8"}, "other parameters (latent_dim)"),
        ({"src/a.py": "5"}, "other code (src/a.py)"),
        ({}, "neither parameters, code nor packages say why; this should not be, please report it"),
    ],
)
def test_other_bytes_and_the_likely_reason(folder, changes, reason) -> None:
    (folder / "dvc.lock").write_text(lock(**{"models/vae.pt": "9"} | changes))
    said = verdict(folder)
    assert said == f"1 of 2 outputs differ from the committed ones: {reason}"


def test_a_cpu_without_avx2_and_other_packages_are_reasons(folder, monkeypatch) -> None:
    (folder / "dvc.lock").write_text(lock(**{"models/vae.pt": "9"}))
    monkeypatch.setattr(reproduced, "other_versions", lambda: ["torch", "a", "b", "c", "d"])
    assert verdict(folder).endswith("than requirements.txt pins (torch, a, b and 2 more)")
    monkeypatch.setattr(reproduced, "has_avx2", lambda: False)
    assert "this machine's own" in verdict(folder)


def test_the_packages_of_which_another_release_is_installed(tmp_path, monkeypatch) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("# pins\ntorch==2.13.0\nnumpy==1.0\nnowhere==1.0\n")
    installed = {"torch": "2.13.0+cu130", "numpy": "2.4.6"}
    monkeypatch.setattr(reproduced, "installed", lambda name: installed.get(name, "none"))
    assert other_versions(pins) == ["numpy", "nowhere"]


def test_without_a_commit_there_is_nothing_to_compare_with(tmp_path) -> None:
    (tmp_path / "dvc.lock").write_text(lock())
    command = ["python", "-m", "mnist_vae.reproduced"]
    source = str(Path(reproduced.__file__).parents[1])
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": source, "PATH": "/usr/bin:/bin"},
        executable=sys.executable, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("nothing to compare with: git")
