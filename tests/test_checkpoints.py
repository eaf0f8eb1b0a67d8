"""A training that goes on from a checkpoint ends where the uncut one ends, to the bit."""

import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import params_with

from mnist_vae import checkpoints
from mnist_vae.checkpoints import Checkpoint, deciders
from mnist_vae.training import Epoch, fit
from mnist_vae.vae import build_vae

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "SHARE", 1e9)  # one after each epoch


def images(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def run(folder: Path, epochs: int | None = None) -> tuple[list[Epoch], list[torch.Tensor]]:
    """The epochs, cut after `epochs` of them as if killed, and the weights."""
    params = params_with(
        folder, train__epochs=5, train__batch_size=16, model__hidden_dims=[8], dataset="mnist_5k"
    )
    vae = build_vae("mlp", 2, [8], seed=0)
    split = images(40), images(8, seed=2)
    checkpoint = Checkpoint(deciders(params, split, CPU))
    done = []
    for epoch in fit(vae, *split, params.train, 0, checkpoint):
        done.append(epoch._replace(seconds=0.0))
        if len(done) == epochs:
            break
    return done, [weight.clone() for weight in vae.state_dict().values()]


@pytest.mark.parametrize("cuts", [(1,), (4,), (2, 3), (1, 2, 3, 4), (5,)])
def test_the_outcome_is_that_of_a_run_that_was_never_cut(tmp_path, monkeypatch, cuts) -> None:
    wanted = run(tmp_path)
    (file,) = checkpoints.FOLDER.iterdir()
    file.unlink()
    for cut in cuts:
        run(tmp_path, epochs=cut)
    went_on = run(tmp_path)
    assert went_on[0] == wanted[0]
    assert all(torch.equal(a, b) for a, b in zip(went_on[1], wanted[1], strict=True))


def test_it_says_where_it_goes_on_and_does_not_train_again(tmp_path, capsys) -> None:
    run(tmp_path, epochs=3)
    (file,) = checkpoints.FOLDER.iterdir()
    before = file.stat().st_mtime_ns
    capsys.readouterr()
    run(tmp_path, epochs=3)
    assert capsys.readouterr().out == f"goes on after epoch 3, from {file}\n"
    assert file.stat().st_mtime_ns == before


def one(state: object = "state", key: str = "a") -> Checkpoint:
    checkpoint = Checkpoint({"what": key})
    checkpoint.save({"it": state})
    return checkpoint


def test_what_is_saved_comes_back_and_goes_when_removed() -> None:
    checkpoint = one(state=[1, torch.arange(3.0)])
    assert checkpoint.load()["it"][0] == 1
    assert checkpoint.load()["it"][1].tolist() == [0, 1, 2]
    assert Checkpoint({"what": "b"}).load() is None
    checkpoint.remove()
    assert checkpoint.load() is None
    checkpoint.remove()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "another's", "pickle", "bomb"])
def test_a_damaged_or_foreign_one_is_named_and_ignored(tmp_path, capsys, damage) -> None:
    checkpoint = one(state=torch.arange(100.0))
    content = checkpoint.path.read_bytes()
    middle = content.index(torch.arange(100.0).numpy().tobytes()) + 200
    bomb, zipped = Bomb(tmp_path / "went off"), io.BytesIO()
    torch.save({"key": checkpoint.key, "state": bomb}, zipped)
    changed = {
        "cut": content[:-1],
        "flip": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "empty": b"",
        "another's": one(key="b").path.read_bytes(),
        "pickle": pickle.dumps(bomb),
        "bomb": zipped.getvalue(),
    }
    checkpoint.path.write_bytes(changed[damage])
    assert checkpoint.load() is None
    assert capsys.readouterr().err.startswith(f"warning: ignored: {checkpoint.path}: ")
    assert not (tmp_path / "went off").exists()


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (self.path.touch, ())


def test_whatever_decides_the_result_decides_the_key(tmp_path, monkeypatch) -> None:
    def key(image_seed: int = 1, **changes: object) -> str:
        split = images(3, image_seed), images(2)
        return Checkpoint(deciders(params_with(tmp_path, **changes), split, CPU)).key

    base = key()
    assert base == key()
    assert base == key(generate__grid=7)  # of another stage
    others = {
        key(image_seed=2),
        key(seed=2),
        key(latent_dim=3),
        key(train__learning_rate=0.1),
        key(train__threads=1),
    }
    others |= {key(train__epochs=31), key(model__hidden_dims=[8])}
    monkeypatch.setattr(torch, "__version__", "0")
    others.add(key())
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    edited = tmp_path / "training.py"
    edited.write_bytes(Path(checkpoints.sys.modules["mnist_vae.training"].__file__).read_bytes())
    edited.write_bytes(edited.read_bytes() + b"#")
    monkeypatch.setattr("mnist_vae.training.__file__", str(edited))
    others.add(key())
    assert len(others) == 9
    assert base not in others


def test_the_folder_cannot_grow_without_bound() -> None:
    checkpoints.FOLDER.mkdir()
    for number in range(30):
        path = checkpoints.FOLDER / f".{number:016x}.pt.7.tmp"
        path.write_bytes(b"half")
        os.utime(path, (number, number))
    (checkpoints.FOLDER / "a folder of the user's").mkdir()
    newest = [one(key=str(number)).path.name for number in range(20)][-3:]
    left = {path.name for path in checkpoints.FOLDER.iterdir()} - {"a folder of the user's"}
    assert len(left) == checkpoints.KEPT
    assert left >= set(newest)


def test_training_goes_on_where_no_checkpoint_can_be_written(tmp_path, capsys) -> None:
    checkpoints.FOLDER.write_text("a file, not a folder")
    assert len(run(tmp_path)[0]) == 5
    assert "warning: no checkpoint: checkpoints/" in capsys.readouterr().err
    one().remove()


def test_queued_runs_share_the_folder_of_the_repository(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "repository"))
    assert one().path.parent == tmp_path / "repository" / "checkpoints"


def test_they_take_a_bounded_share_of_the_time(monkeypatch) -> None:
    clock = iter([10.0, 10.0, 10.5])
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(checkpoints, "SHARE", 0.01)
    assert one().next == 10.0 + 0.5 / 0.01
