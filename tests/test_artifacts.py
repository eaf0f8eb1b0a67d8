"""Each file: the way out and back, the same bytes twice, and refusals instead of surprises."""

import json
import pickle

import numpy as np
import pytest
import torch

from mnist_vae import artifacts
from mnist_vae.artifacts import (
    Images,
    Latents,
    load_csv,
    load_images,
    load_latents,
    load_metrics,
    load_model,
    save_arrays,
    save_csv,
    save_metrics,
    save_model,
)
from mnist_vae.errors import DataError


def some_images() -> Images:
    pixels = np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28)
    labels = np.array([3, 9], dtype=np.uint8)
    return Images("mnist", pixels, labels, pixels[:1] + 1, labels[:1])


def some_latents() -> Latents:
    z = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
    labels = np.array([3, 9], dtype=np.uint8)
    return Latents("mnist_5k", z, -z, labels, z[:1], -z[:1], labels[:1])


def some_model() -> tuple[dict, dict]:
    config = {"architecture": "mlp", "latent_dim": 2, "hidden_dims": [4]}
    return config, {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2)}


@pytest.mark.parametrize(
    ("arrays", "load"), [(some_images(), load_images), (some_latents(), load_latents)]
)
def test_arrays_come_back_as_they_were(tmp_path, arrays, load) -> None:
    save_arrays(tmp_path / "a.npz", arrays)
    back = load(tmp_path / "a.npz")
    assert back.dataset == arrays.dataset
    for before, after in zip(arrays[1:], back[1:], strict=True):
        assert after.dtype == before.dtype
        assert np.array_equal(after, before)


def test_a_model_comes_back_as_it_was(tmp_path) -> None:
    config, state_dict = some_model()
    save_model(tmp_path / "vae.pt", config, state_dict)
    back_config, back_state = load_model(tmp_path / "vae.pt")
    assert back_config == config
    assert all(torch.equal(back_state[name], state_dict[name]) for name in state_dict)


def test_metrics_come_back_to_the_last_bit(tmp_path) -> None:
    metrics = {"test": {"neg_elbo_nats": 0.1 + 0.2, "active_units": 2, "kl": [1.0, 2.5]}}
    save_metrics(tmp_path / "m.json", metrics)
    assert load_metrics(tmp_path / "m.json") == metrics
    assert json.loads((tmp_path / "m.json").read_text()) == metrics


def test_csv_comes_back(tmp_path) -> None:
    save_csv(tmp_path / "a.csv", ("x", "digit"), [(0.1, 3), (-2.5, 9)])
    assert load_csv(tmp_path / "a.csv") == [{"x": 0.1, "digit": 3}, {"x": -2.5, "digit": 9}]


WRITERS = {
    "images": lambda path: save_arrays(path, some_images()),
    "latents": lambda path: save_arrays(path, some_latents()),
    "model": lambda path: save_model(path, *some_model()),
    "metrics": lambda path: save_metrics(path, {"a": 1.5}),
    "csv": lambda path: save_csv(path, ("a",), [(1,)]),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_the_bytes_depend_on_the_values_alone(tmp_path, write) -> None:
    """Another name, another folder, another time: the same bytes."""
    (tmp_path / "other").mkdir()
    write(tmp_path / "first")
    write(tmp_path / "other" / "second")
    assert (tmp_path / "first").read_bytes() == (tmp_path / "other" / "second").read_bytes()


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path, monkeypatch, write
) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(artifacts.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_missing_or_damaged_is_named(tmp_path) -> None:
    for load in (load_images, load_latents, load_model):
        with pytest.raises(DataError, match=r"gone: is missing; `dvc repro` makes it"):
            load(tmp_path / "gone")
    (tmp_path / "bad").write_bytes(b"PK\x03\x04 not a zip file")
    for load in (load_images, load_latents, load_model):
        with pytest.raises(DataError, match="bad: "):
            load(tmp_path / "bad")
    save_arrays(tmp_path / "latents.npz", some_latents())
    with pytest.raises(DataError, match=r"latents.npz: does not hold images"):
        load_images(tmp_path / "latents.npz")


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return (self.path.touch, ())


def test_loading_never_unpickles_code(tmp_path) -> None:
    went_off = tmp_path / "went off"
    (tmp_path / "vae.pt").write_bytes(pickle.dumps(Bomb(went_off)))
    torch.save({"config": {}, "state_dict": Bomb(went_off)}, tmp_path / "vae2.pt")
    arrays = {name: np.array([Bomb(went_off)], dtype=object) for name in Images._fields}
    np.savez(tmp_path / "images.npz", **arrays)
    for load, name in (
        (load_model, "vae.pt"),
        (load_model, "vae2.pt"),
        (load_images, "images.npz"),
    ):
        with pytest.raises(DataError, match=name):
            load(tmp_path / name)
    assert not went_off.exists()
