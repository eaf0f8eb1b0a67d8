"""`make repro`'s last line: whether what lies here is what is committed."""

import subprocess
from pathlib import Path

import pytest
import yaml

from mnist_vae.compare import reproduced
from mnist_vae.compare.reproduced import other_versions, verdict


def lock(**changes: str) -> str:
    """A dvc.lock of two stages, with the MD5 of a path or the value of a parameter changed."""
    found = {"src/room": "1", "latent_dim": "2", "models/vae.pt": "3", "plots/a.png": "4"} | changes
    train = {
        "deps": [{"path": "src/room", "md5": found["src/room"]}],
        "params": {"params.yaml": {"latent_dim": found["latent_dim"]}},
        "outs": [{"path": "models/vae.pt", "md5": found["models/vae.pt"]}],
    }
    plot = {"outs": [{"path": "plots/a.png", "md5": found["plots/a.png"]}]}
    return yaml.safe_dump({"stages": {"train": train, "plot": plot}})


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A repository whose dvc.lock is committed; all packages are as pinned."""
    (tmp_path / "dvc.lock").write_text(lock())
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "state"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(reproduced, "other_versions", list)
    monkeypatch.setattr(reproduced, "has_avx2", lambda: True)
    return tmp_path


def test_equal_bytes(folder) -> None:
    assert verdict(folder) == "all 2 outputs have the committed bytes"


def test_other_bytes_and_the_likely_reason(folder, monkeypatch) -> None:
    def said(**changes: str) -> str:
        (folder / "dvc.lock").write_text(lock(**{"models/vae.pt": "9"} | changes))
        start, _, reason = verdict(folder).partition(": ")
        assert start == "1 of 2 outputs differ from the committed ones"
        return reason

    assert said(latent_dim="8") == "other parameters (latent_dim)"
    assert said(**{"src/room": "5"}) == "other code or images (src/room)"
    assert "this should not be, please report it" in said()
    monkeypatch.setattr(reproduced, "other_versions", lambda: ["torch", "a", "b", "c", "d"])
    assert said() == "other packages than requirements.txt pins (torch, a, b and 2 more)"
    monkeypatch.setattr(reproduced, "has_avx2", lambda: False)
    assert "this machine's own" in said()


def test_the_packages_of_which_another_release_is_installed(tmp_path, monkeypatch) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("# pins\ntorch==2.13.0\nnumpy==1.0\nnowhere==1.0\n")
    installed = {"torch": "2.13.0+cu130", "numpy": "2.4.6"}
    monkeypatch.setattr(reproduced, "installed", lambda name: installed.get(name, "none"))
    assert other_versions(pins) == ["numpy", "nowhere"]
