"""A training that resumes from a checkpoint ends where the uncut one ends, to the bit."""

import io
import os
import pickle
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from committed import params_with
from files.examples import Bomb

from mnist_vae.choices import LIKELIHOODS, NETWORKS, names_in
from mnist_vae.model.vae import build_vae
from mnist_vae.training import checkpoints
from mnist_vae.training import fit as fit_module
from mnist_vae.training.checkpoints import Checkpoint, fingerprint
from mnist_vae.training.digests import digest
from mnist_vae.training.fit import fit
from mnist_vae.training.state import Epoch

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(checkpoints, "MIN_INTERVAL_SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "MAX_TIME_SHARE", 1e9)  # one after each epoch


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
    vae = build_vae(params.model, 2, seed=0)
    split = images(40), images(8, seed=2)
    checkpoint = Checkpoint(fingerprint(params, split, CPU))
    done = []
    for epoch in fit(vae, *split, params.train, 0, checkpoint, params.objective):
        done.append(epoch._replace(seconds=0.0))
        if len(done) == epochs:
            break
    return done, [weight.clone() for weight in vae.state_dict().values()]


@pytest.mark.parametrize("cuts", [(1,), (4,), (2, 3), (1, 2, 3, 4), (5,)])
def test_the_outcome_is_that_of_a_run_that_was_never_cut(cuts) -> None:
    wanted = run()
    (file,) = checkpoints.FOLDER.iterdir()
    file.unlink()
    for cut in cuts:
        run(epochs=cut)
    resumed = run()
    assert resumed[0] == wanted[0]
    assert all(torch.equal(a, b) for a, b in zip(resumed[1], wanted[1], strict=True))


OBJECTIVES = {
    "elbo": {},
    "beta": {"objective__beta": 4.0, "objective__warm_up_epochs": 4},
    "k": {"objective__importance_samples": 3},
}


@pytest.mark.parametrize("network", names_in(NETWORKS))
@pytest.mark.parametrize("likelihood", names_in(LIKELIHOODS))
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_so_it_is_for_each_network_likelihood_and_objective(network, likelihood, objective) -> None:
    changes = SMALL | {"model__network": network, "model__likelihood": likelihood}
    changes |= OBJECTIVES[objective]
    wanted = run(changes=changes)
    (file,) = checkpoints.FOLDER.iterdir()
    file.unlink()
    for cut in (1, 3):
        run(cut, changes)
    resumed = run(changes=changes)
    assert resumed[0] == wanted[0]
    assert all(torch.equal(a, b) for a, b in zip(resumed[1], wanted[1], strict=True))


def test_it_says_where_it_resumes_and_does_not_train_again(capsys) -> None:
    run(epochs=3)
    (file,) = checkpoints.FOLDER.iterdir()
    before = file.stat().st_mtime_ns
    capsys.readouterr()
    run(epochs=3)
    assert capsys.readouterr().out == f"resumes after epoch 3 from {file}\n"
    assert file.stat().st_mtime_ns == before


def accept(state: object) -> None:
    pass


def one(state: object = "state", key: str = "a") -> Checkpoint:
    checkpoint = Checkpoint({"what": key})
    checkpoint.save({"it": state})
    return checkpoint


def loaded(checkpoint: Checkpoint) -> Any:
    state = checkpoint.load(accept)
    assert state is not None
    return state["it"]


def test_what_is_saved_comes_back_and_goes_when_removed() -> None:
    checkpoint = one(state=[1, torch.arange(3.0)])
    number, tensor = loaded(checkpoint)
    assert number == 1
    assert tensor.tolist() == [0, 1, 2]
    assert Checkpoint({"what": "b"}).load(accept) is None
    checkpoint.remove()
    assert checkpoint.load(accept) is None
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
    assert checkpoint.load(accept) is None
    assert capsys.readouterr().err.startswith(f"warning: ignored: {checkpoint.path}: ")
    assert not (tmp_path / "went off").exists()


def rewritten(file: Path, change: Callable[[dict], object], sign: bool) -> None:
    """Load a checkpoint, change its state and save it, with a digest that fits if `sign`."""
    saved = torch.load(file, weights_only=True)
    change(saved["state"])
    if sign:
        saved["digest"] = digest(saved["state"])
    buffer = io.BytesIO()
    torch.save(saved, buffer)
    file.write_bytes(buffer.getvalue())


def doubled(state: dict) -> None:
    state["weights"]["encoder.0.bias"].mul_(2)


CRAFTED = {
    "another number": doubled,
    "another loss": lambda state: state["history"].__setitem__(0, (1, 0.0, {}, {})),
    "no weights": lambda state: state.pop("weights"),
    "a weight less": lambda state: state["weights"].pop("encoder.0.bias"),
    "a weight more": lambda state: state["weights"].update(more=torch.ones(1)),
    "a shape": lambda state: state["weights"].update({"encoder.0.bias": torch.ones(3)}),
    "a type": lambda state: state["weights"].update({"encoder.0.bias": torch.ones(8).double()}),
    "huge": lambda state: state["moments"].update({"exp_avgs.0": torch.ones(1).expand(10**12)}),
    "dense": lambda state: state["weights"].update({"encoder.0.bias": torch.ones(1).expand(8)}),
    "text": lambda state: state["weights"].update({"encoder.0.bias": "text"}),
    "no history": lambda state: state.update(history=None),
    "fields": lambda state: state["history"].append((1, 2)),
    "a number twice": lambda state: state["history"].append(state["history"][-1]),
}


@pytest.mark.parametrize("crafted", CRAFTED)
def test_a_crafted_one_is_ignored_and_moves_nothing(capsys, crafted) -> None:
    wanted = run()
    (file,) = checkpoints.FOLDER.iterdir()
    rewritten(file, CRAFTED[crafted], sign=crafted not in ("another number", "huge"))
    capsys.readouterr()
    again = run()
    assert capsys.readouterr().err.startswith(f"warning: ignored: {file}: ")
    assert again[0] == wanted[0]
    assert all(torch.equal(a, b) for a, b in zip(again[1], wanted[1], strict=True))


def key(image_seed: int = 1, **changes: object) -> str:
    split = images(3, image_seed), images(2)
    return Checkpoint(fingerprint(params_with(**changes), split, CPU)).key


@pytest.mark.parametrize(
    "change",
    [
        {"image_seed": 2},
        {"seed": 2},
        {"latent_dim": 3},
        {"dataset": "mnist_5k"},
        {"model__mlp__hidden_dims": [8]},
        {"train__learning_rate": 0.1},
        {"train__epochs": 31},
        {"machine__device": "auto"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_decides_the_result_decides_the_key(change) -> None:
    assert key(**change) != key()


def test_another_torch_or_an_edited_file_has_another_key(tmp_path, monkeypatch) -> None:
    base = key()
    with monkeypatch.context() as patch:
        patch.setattr(torch, "__version__", "0")
        assert key() != base
    edited = tmp_path / "fit.py"
    edited.write_bytes(Path(fit_module.__file__).read_bytes())
    monkeypatch.setattr(fit_module, "__file__", str(edited))
    assert key() == base, "where a file lies does not matter"
    edited.write_bytes(edited.read_bytes() + b"#")
    assert key() != base


def test_what_only_a_later_stage_reads_does_not_decide_the_key() -> None:
    assert key(generate__grid=7, classify__C=2.0, plot_latent__points=9) == key()


def test_what_decides_speed_alone_does_not_decide_the_key(monkeypatch) -> None:
    base = key()
    assert key(machine__threads=1) == base
    monkeypatch.setattr(torch, "__version__", torch.__version__.partition("+")[0] + "+cu130")
    assert key() == base


def aged(path: Path, seconds: float) -> Path:
    """`path`, written as if so many seconds ago."""
    path.write_bytes(b"" if not path.exists() else path.read_bytes())
    now = time.time()
    os.utime(path, (now - seconds, now - seconds))
    return path


def test_the_folder_cannot_grow_without_bound() -> None:
    checkpoints.FOLDER.mkdir()
    for number in range(30):
        aged(checkpoints.FOLDER / f".{number:016x}.pt.host.7.tmp", 1e6 + number)
    (checkpoints.FOLDER / "a folder of the user's").mkdir()
    killed = [aged(one(key=str(number)).path, 2 * 3600 - number) for number in range(20)]
    last = one(key="last")
    left = set(checkpoints.FOLDER.iterdir()) - {checkpoints.FOLDER / "a folder of the user's"}
    assert left == {last.path, *killed[-15:]}


def test_the_files_of_live_trainings_are_kept_however_many() -> None:
    live = {aged(one(key=str(number)).path, 60) for number in range(20)}
    assert set(checkpoints.FOLDER.iterdir()) == live


@pytest.mark.parametrize("others", [-1e6, 0])
def test_a_save_keeps_its_own_file_whatever_the_clock_says(monkeypatch, others) -> None:
    checkpoints.FOLDER.mkdir()
    for number in range(20):
        aged(checkpoints.FOLDER / f"{number:016x}.pt", others)
    write = checkpoints.write_bytes

    def write_with_the_clock_set_back(path: Path, content: bytes) -> None:
        write(path, content)
        aged(path, 1e6)

    monkeypatch.setattr(checkpoints, "write_bytes", write_with_the_clock_set_back)
    assert loaded(one()) == "state"


def test_training_continues_where_no_checkpoint_can_be_written(capsys) -> None:
    checkpoints.FOLDER.write_text("a file, not a folder")
    assert len(run()[0]) == 5
    assert "warning: no checkpoint: checkpoints/" in capsys.readouterr().err
    one().remove()


def test_queued_runs_share_the_folder_of_the_repository(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "repository"))
    assert one().path.parent == tmp_path / "repository" / "checkpoints"


@pytest.mark.parametrize(("share", "due"), [(0.01, False), (1e9, True)])
def test_a_slow_save_puts_off_the_next_one(monkeypatch, share, due) -> None:
    monkeypatch.setattr(checkpoints, "MAX_TIME_SHARE", share)
    monkeypatch.setattr(checkpoints, "write_bytes", lambda *_: time.sleep(0.05))
    checkpoints.FOLDER.mkdir()
    checkpoint = Checkpoint({})
    assert checkpoint.due()
    checkpoint.save({})
    assert checkpoint.due() is due


def test_a_quick_training_needs_none(monkeypatch) -> None:
    monkeypatch.setattr(checkpoints, "MIN_INTERVAL_SECONDS", 60.0)
    assert len(run()[0]) == 5
    assert not checkpoints.FOLDER.exists()
