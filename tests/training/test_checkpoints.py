"""A training that resumes from a checkpoint ends where the uncut one ends, to the bit."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from default_run import MNIST_SHAPE, params_with

from mnist_vae.model.vae import build_vae
from mnist_vae.params.plugins import LIKELIHOODS, NETWORKS, names_in
from mnist_vae.training import checkpoints
from mnist_vae.training import fit as fit_module
from mnist_vae.training.checkpoints import Checkpoint, fingerprint
from mnist_vae.training.fit import fit
from mnist_vae.training.state import Epoch

pytestmark = pytest.mark.usefixtures("a_checkpoint_after_each_epoch")
CPU = torch.device("cpu")


def images(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


SMALL = {
    "model__mlp__hidden_dims": [8],
    "model__residual__width": 6,
    "model__conv__channels": [2, 3],
    "model__conv__dense_dims": [5],
}


def run(
    epochs: int | None = None, changes: Mapping[str, object] = SMALL
) -> tuple[list[Epoch], list[torch.Tensor]]:
    """The epochs, cut after `epochs` of them as if killed, and the weights."""
    params = params_with(train__epochs=5, train__batch_size=16, dataset="mnist_5k", **changes)
    vae = build_vae(params.model, 2, seed=0, shape=MNIST_SHAPE)
    split = images(40), images(8, seed=2)
    checkpoint = Checkpoint(fingerprint(params, split, CPU))
    done = []
    for epoch in fit(vae, *split, params.train, 0, checkpoint, params.objective):
        done.append(epoch._replace(seconds=0.0))
        if len(done) == epochs:
            break
    return done, [weight.clone() for weight in vae.state_dict().values()]


def expect_the_same_with(cuts: tuple[int, ...], changes: Mapping[str, object] = SMALL) -> None:
    wanted = run(changes=changes)
    (file,) = checkpoints.FOLDER.iterdir()
    file.unlink()
    for cut in cuts:
        run(cut, changes)
    resumed = run(changes=changes)
    assert resumed[0] == wanted[0]
    assert all(torch.equal(a, b) for a, b in zip(resumed[1], wanted[1], strict=True))


@pytest.mark.parametrize("cuts", [(1,), (2, 3), (1, 2, 3, 4), (5,)])
def test_the_outcome_is_that_of_a_run_that_was_never_cut(cuts) -> None:
    expect_the_same_with(cuts)


KINDS = [*({"model__network": network} for network in names_in(NETWORKS))]
KINDS += [{"model__likelihood": likelihood} for likelihood in names_in(LIKELIHOODS)]
KINDS += [{"objective__beta": 4.0, "objective__warm_up_epochs": 4}]
KINDS += [{"objective__importance_samples": 3}]


@pytest.mark.parametrize("changes", KINDS, ids=str)
def test_so_it_is_for_each_network_likelihood_and_objective(changes) -> None:
    expect_the_same_with((1, 3), SMALL | changes)


def test_it_says_where_it_resumes_and_does_not_train_again(capsys) -> None:
    run(epochs=3)
    (file,) = checkpoints.FOLDER.iterdir()
    before = file.stat().st_mtime_ns
    capsys.readouterr()
    run(epochs=3)
    assert capsys.readouterr().out == f"resumes after epoch 3 from {file}\n"
    assert file.stat().st_mtime_ns == before


def one(state: object = "state", key: str = "a") -> Checkpoint:
    checkpoint = Checkpoint({"what": key})
    checkpoint.save({"it": state})
    return checkpoint


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_one_is_named_and_ignored(capsys, damage) -> None:
    checkpoint, inside = one(state=torch.arange(100.0)), torch.arange(100.0).numpy().tobytes()
    content = checkpoint.path.read_bytes()
    middle = content.index(inside) + 200
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    changed = {"cut": content[:-1], "flip": flipped, "empty": b""}
    checkpoint.path.write_bytes(changed[damage])
    assert checkpoint.load() is None
    assert capsys.readouterr().err.startswith(f"warning: ignored: {checkpoint.path}: ")


def path_of(image_seed: int = 1, **changes: object) -> Path:
    split = images(3, image_seed), images(2)
    return Checkpoint(fingerprint(params_with(**changes), split, CPU)).path


def test_what_decides_the_result_and_nothing_else_decides_the_file(tmp_path, monkeypatch) -> None:
    base = path_of()
    assert path_of(image_seed=2) != base
    changes: dict[str, Any] = {"seed": 2, "model__mlp__hidden_dims": [8], "machine__device": "auto"}
    for key, value in changes.items():
        assert path_of(**{key: value}) != base
    assert path_of(machine__threads=1, generate__grid=7, classify__C=2.0) == base
    release = torch.__version__.partition("+")[0]
    for version, same in ((f"{release}+cu130", True), ("0", False), (release, True)):
        monkeypatch.setattr(torch, "__version__", version)
        assert (path_of() == base) == same
    edited = tmp_path / "fit.py"
    edited.write_bytes(Path(fit_module.__file__).read_bytes())
    monkeypatch.setattr(fit_module, "__file__", str(edited))
    assert path_of() == base, "where a module lies does not matter"
    edited.write_bytes(edited.read_bytes() + b"#")
    assert path_of() != base


def test_the_end_of_a_training_removes_its_own_file_and_those_left_a_week_ago() -> None:
    checkpoint, other, killed = (one(key=key) for key in ("own", "other", "killed"))
    folder = checkpoints.FOLDER / "a folder of the user's"
    folder.mkdir()
    long_ago = time.time() - 8 * 24 * 3600
    for path in (killed.path, folder):
        os.utime(path, (long_ago, long_ago))
    checkpoint.remove()
    assert {*checkpoints.FOLDER.iterdir()} == {other.path, folder}
    assert other.load() == {"it": "state"}
    assert checkpoint.load() is None
    checkpoint.remove()


def test_training_continues_where_no_checkpoint_can_be_written(capsys) -> None:
    checkpoints.FOLDER.write_text("a file, not a folder")
    assert len(run()[0]) == 5
    assert "warning: no checkpoint: checkpoints/" in capsys.readouterr().err
    one().remove()


def test_queued_runs_share_the_folder_of_the_repository(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "repository"))
    assert one().path.parent == tmp_path / "repository" / "checkpoints"


def test_a_slow_save_puts_off_the_next_one_and_a_quick_training_needs_none(monkeypatch) -> None:
    monkeypatch.setattr(checkpoints, "MAX_TIME_SHARE", 0.01)
    monkeypatch.setattr(checkpoints, "write_bytes", lambda *_: time.sleep(0.01))
    checkpoint = Checkpoint({})
    assert checkpoint.due()
    checkpoint.save({})
    assert not checkpoint.due()
    monkeypatch.setattr(checkpoints, "MIN_INTERVAL_SECONDS", 60.0)
    assert not Checkpoint({}).due()
