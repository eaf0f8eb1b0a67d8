"""Each file: the way out and back, the same bytes twice, and refusals instead of surprises."""

import json
import os
import pickle
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import params_with

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
    write_bytes,
)
from mnist_vae.errors import DataError, FileError
from mnist_vae.params import OF_MODEL, Params, flat

DIGITS = np.arange(20, dtype=np.uint8) % 10


def some_images() -> Images:
    images = np.arange(20 * 784, dtype=np.uint32).astype(np.uint8).reshape(20, 28, 28)
    return Images({"dataset": "mnist"}, images, DIGITS, images + 1, DIGITS)


def some_latents(params: Params) -> Latents:
    z = np.linspace(-1, 1, 20 * params.latent_dim, dtype=np.float32).reshape(20, -1)
    return Latents(flat(params, OF_MODEL), z, -z, DIGITS, z, -z, DIGITS)


def some_weights() -> dict:
    return {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2)}


@pytest.fixture
def params(tmp_path) -> Params:
    return params_with(tmp_path)


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


def test_images_and_latents_come_back_as_they_were(folder, params) -> None:
    for arrays, load in ((some_images(), load_images), (some_latents(params), load_latents)):
        save_arrays(folder / "a.npz", arrays)
        back = load(folder / "a.npz", params)
        assert back.params == arrays.params
        for before, after in zip(arrays[1:], back[1:], strict=True):
            assert after.dtype == before.dtype
            assert np.array_equal(after, before)


def test_a_model_comes_back_as_it_was(folder, params) -> None:
    save_model(folder / "vae.pt", params, some_weights())
    back = load_model(folder / "vae.pt", params)
    assert back.keys() == some_weights().keys()
    assert all(torch.equal(back[name], value) for name, value in some_weights().items())


def test_metrics_come_back_to_the_last_bit(tmp_path) -> None:
    metrics = {"test": {"neg_elbo_nats": 0.1 + 0.2, "active_units": 2, "kl": [1.0, 2.5]}}
    save_metrics(tmp_path / "m.json", metrics)
    assert load_metrics(tmp_path / "m.json") == metrics
    assert json.loads((tmp_path / "m.json").read_text()) == metrics


def test_csv_comes_back(tmp_path) -> None:
    save_csv(tmp_path / "a.csv", ("x", "digit"), [(0.1, 3), (-2.5, 9)])
    assert load_csv(tmp_path / "a.csv") == [{"x": 0.1, "digit": 3}, {"x": -2.5, "digit": 9}]


WRITERS = {
    "images": lambda path, params: save_arrays(path, some_images()),
    "latents": lambda path, params: save_arrays(path, some_latents(params)),
    "model": lambda path, params: save_model(path, params, some_weights()),
    "metrics": lambda path, params: save_metrics(path, {"a": 1.5}),
    "csv": lambda path, params: save_csv(path, ("a",), [(1,)]),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_the_bytes_depend_on_the_values_alone(folder, params, write) -> None:
    """Another name, another folder, another time: the same bytes."""
    write(folder / "first", params)
    write(folder / "other" / "second", params)
    assert (folder / "first").read_bytes() == (folder / "other" / "second").read_bytes()


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    folder, params, monkeypatch, write
) -> None:
    path = folder / "out"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(artifacts.os, "fsync", full)
    with pytest.raises(FileError, match=r"out: cannot be written: No space left on device"):
        write(path, params)
    assert path.read_bytes() == b"old"
    assert list(folder.iterdir()) == [path]


def test_what_a_killed_writer_left_is_removed_once_it_is_old(folder) -> None:
    old, new, other = (folder / name for name in (".a[1].7.tmp", ".a[1].8.tmp", ".b.7.tmp"))
    for path in (old, new, other):
        path.write_bytes(b"half")
    an_hour_ago = time.time() - 3600
    os.utime(old, (an_hour_ago, an_hour_ago))
    os.utime(other, (an_hour_ago, an_hour_ago))
    write_bytes(folder / "a[1]", b"whole")
    assert sorted(folder.iterdir()) == sorted([folder / "a[1]", new, other])


LOADERS = (load_images, load_latents, load_model)


def test_what_is_missing_or_damaged_is_named(folder, params) -> None:
    for load in LOADERS:
        with pytest.raises(DataError, match=r"gone: is missing; `dvc repro` makes it"):
            load(folder / "gone", params)
        with pytest.raises(FileError, match=r"folder: cannot be read: Is a directory"):
            load(folder, params)
    (folder / "bad").write_bytes(b"PK\x03\x04 not a zip file")
    for load in LOADERS:
        with pytest.raises(DataError, match=r"bad: is not .*; `dvc repro` makes it anew"):
            load(folder / "bad", params)
    save_arrays(folder / "latents.npz", some_latents(params))
    with pytest.raises(DataError, match=r"latents.npz: is not a file of images"):
        load_images(folder / "latents.npz", params)


def test_a_flipped_bit_is_found(folder, params) -> None:
    inside = {
        "images": (load_images, some_images().test_images.tobytes()),
        "latents": (load_latents, some_latents(params).train_z_mean.tobytes()),
        "model": (load_model, some_weights()["a.weight"].numpy().tobytes()),
    }
    for name, (load, values) in inside.items():
        path = folder / name
        WRITERS[name](path, params)
        content = bytearray(path.read_bytes())
        content[content.index(values) + len(values) // 2] ^= 1
        path.write_bytes(content)
        with pytest.raises(DataError, match=rf"{name}: .* its part .* is damaged"):
            load(path, params)


ZEROS = np.zeros(20, np.uint8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"train_images": np.zeros((20, 28, 27), np.uint8)},
            r"train_images is uint8 \(20, 28, 27\)",
        ),
        ({"train_images": np.zeros((20, 28, 28))}, r"train_images is float64 \(20, 28, 28\)"),
        (
            {"test_images": np.zeros((0, 28, 28), np.uint8)},
            r"test_images is uint8 \(0, 28, 28\) .*20",
        ),
        (
            {
                "test_images": ZEROS[:0, None, None] * np.zeros((1, 28, 28), np.uint8),
                "test_labels": ZEROS[:0],
            },
            "test_labels: must be",
        ),
        (
            {"test_labels": DIGITS[:19]},
            r"test_images is uint8 \(20, 28, 28\) instead of uint8 \(19, 28, 28\)",
        ),
        ({"test_labels": DIGITS.astype(int)}, r"test_labels is int64"),
        ({"train_labels": DIGITS + 1}, r"train_labels: must be 0 to 9"),
        ({"train_labels": ZEROS}, r"train_labels: must be 0 to 9, each at least twice"),
        ({"params": {"dataset": "mnist_5k"}}, "was made with dataset 'mnist_5k'; params.yaml says"),
        ({"params": {}}, "was made with dataset None; params.yaml says 'mnist'"),
        ({"params": [1]}, "does not say which parameters it was made with"),
    ],
)
def test_images_that_cannot_be_are_refused(folder, params, change, message) -> None:
    save_arrays(folder / "i.npz", some_images()._replace(**change))
    with pytest.raises(DataError, match=rf"i\.npz: .*{message}"):
        load_images(folder / "i.npz", params)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train_z_mean": np.full((20, 2), np.nan, np.float32)}, "train_z_mean holds nan or inf"),
        ({"test_z_log_var": np.full((20, 2), np.inf, np.float32)}, "test_z_log_var holds nan"),
        ({"test_z_mean": np.zeros((20, 2))}, "test_z_mean is float64"),
        ({"test_z_mean": np.zeros((20, 3), np.float32)}, r"float32 \(20, 3\) instead of .*, 2\)"),
        ({"test_labels": ZEROS + 255}, "test_labels: must be 0 to 9"),
    ],
)
def test_latents_that_cannot_be_are_refused(folder, params, change, message) -> None:
    save_arrays(folder / "l.npz", some_latents(params)._replace(**change))
    with pytest.raises(DataError, match=rf"l\.npz: .*{message}"):
        load_latents(folder / "l.npz", params)


def test_latents_and_model_of_other_parameters_say_which_differ(tmp_path, folder, params) -> None:
    save_arrays(folder / "latents.npz", some_latents(params))
    save_model(folder / "vae.pt", params, some_weights())
    now = params_with(tmp_path, seed=7, train__epochs=3, generate__grid=5)
    for load, name in ((load_latents, "latents.npz"), (load_model, "vae.pt")):
        with pytest.raises(DataError, match=rf"{name}: was made with seed 0, train.epochs 30; "):
            load(folder / name, now)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (torch.full((2,), torch.nan), "holds nan or inf"),
        (torch.ones(2).double(), "is not a float32 array"),
        (torch.ones(1).expand(10**12), "is not a float32 array"),  # 4 bytes that claim to be 4 TB
    ],
)
def test_weights_that_cannot_be_are_refused(folder, params, weight, message) -> None:
    save_model(folder / "vae.pt", params, {"a.bias": weight})
    with pytest.raises(DataError, match=rf"vae\.pt: a\.bias {message}"):
        load_model(folder / "vae.pt", params)


def test_an_array_that_promises_more_than_the_file_holds_is_not_made(folder, params) -> None:
    save_arrays(folder / "good.npz", some_images())
    with zipfile.ZipFile(folder / "good.npz") as good, zipfile.ZipFile(folder / "b.npz", "w") as b:
        for name in good.namelist():
            part = good.read(name)
            if name == "test_images.npy":
                part = part.replace(b"(20, 28, 28), }      ", b"(1099511627776, 28), }")[
                    : len(part)
                ]
            b.writestr(name, part)
    with pytest.raises(DataError, match=r"b\.npz: test_images promises more than the file holds"):
        load_images(folder / "b.npz", params)


def test_a_few_bytes_that_promise_much_are_not_unpacked(folder, params) -> None:
    arrays = some_images()._asdict() | {"params": '{"dataset": "mnist"}'}
    bomb = arrays | {"train_images": np.zeros((100_000, 28, 28), np.uint8)}
    np.savez_compressed(folder / "bomb.npz", **bomb)
    with pytest.raises(DataError, match=r"bomb\.npz: .*it is compressed"):
        load_images(folder / "bomb.npz", params)


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return (self.path.touch, ())


def test_loading_never_unpickles_code(folder, params) -> None:
    went_off = folder / "went off"
    (folder / "vae.pt").write_bytes(pickle.dumps(Bomb(went_off)))
    torch.save({"params": {}, "state_dict": Bomb(went_off)}, folder / "vae2.pt")
    arrays = {name: np.array([Bomb(went_off)], dtype=object) for name in Images._fields}
    np.savez(folder / "images.npz", **arrays)
    for load, name in (
        (load_model, "vae.pt"),
        (load_model, "vae2.pt"),
        (load_images, "images.npz"),
    ):
        with pytest.raises(DataError, match=name):
            load(folder / name, params)
    assert not went_off.exists()
