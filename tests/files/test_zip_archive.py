"""Whatever is wrong with a zip file, its reader refuses it in one line, and runs nothing in it."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from files.examples import WRITERS, Bomb, some_images, some_latents, some_weights

from mnist_vae.errors import DataError, FileError
from mnist_vae.files.images import Images, load_images
from mnist_vae.files.latents import load_latents
from mnist_vae.files.weights import load_weights
from mnist_vae.params import Params


def load_some_weights(path: Path, params: Params) -> dict[str, Any]:
    return load_weights(path, params, some_weights())


LOADERS: dict[str, Callable[[Path, Params], Any]] = {
    "images": load_images,
    "latents": load_latents,
    "weights": load_some_weights,
}
each_loader = pytest.mark.parametrize("kind", LOADERS)


@each_loader
def test_a_file_that_is_missing_or_no_file_is_named(folder, params, kind) -> None:
    with pytest.raises(DataError, match=r"gone: is missing; `dvc repro` makes it"):
        LOADERS[kind](folder / "gone", params)
    with pytest.raises(FileError, match=r"folder: cannot be read: Is a directory"):
        LOADERS[kind](folder, params)


@each_loader
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip file", b"\n".join([b"text"] * 9)])
def test_what_is_no_zip_file_is_refused(folder, params, kind, content) -> None:
    (folder / "bad").write_bytes(content)
    with pytest.raises(DataError, match=r"bad: is not a .*; `dvc repro` makes it again") as caught:
        LOADERS[kind](folder / "bad", params)
    assert "\n" not in str(caught.value)


@each_loader
def test_a_file_of_another_kind_is_refused(folder, params, kind) -> None:
    for other in LOADERS.keys() - {kind}:
        WRITERS[other](folder / other, params)
        with pytest.raises(DataError, match=rf"{other}: is not a .*; `dvc repro` makes it again"):
            LOADERS[kind](folder / other, params)


@each_loader
def test_a_file_cut_short_is_refused(folder, params, kind) -> None:
    path = folder / kind
    WRITERS[kind](path, params)
    content = path.read_bytes()
    for length in (len(content) - 1, len(content) // 2, 10):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match=rf"{kind}: is not a "):
            LOADERS[kind](path, params)


@each_loader
def test_a_flipped_bit_is_found(folder, params, kind) -> None:
    values = {
        "images": some_images().test_images,
        "latents": some_latents(params).train_z_mean,
        "weights": some_weights()["a.weight"].numpy(),
    }[kind].tobytes()
    path = folder / kind
    WRITERS[kind](path, params)
    content = bytearray(path.read_bytes())
    content[content.index(values) + len(values) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"{kind}: .* its part .* is damaged"):
        LOADERS[kind](path, params)


def test_a_few_bytes_that_promise_much_are_not_unpacked(folder, params) -> None:
    bomb: dict[str, Any] = some_images()._asdict()
    bomb |= {"params": '{"dataset": "mnist"}', "test_images": np.zeros((20_000, 28, 28), np.uint8)}
    np.savez_compressed(folder / "bomb.npz", **bomb)
    assert (folder / "bomb.npz").stat().st_size < 200_000
    with pytest.raises(DataError, match=r"bomb\.npz: .*it is compressed"):
        load_images(folder / "bomb.npz", params)


def test_loading_never_unpickles_code(folder, params) -> None:
    went_off = folder / "went off"
    (folder / "a.pt").write_bytes(pickle.dumps(Bomb(went_off)))
    torch.save({"params": {}, "state_dict": Bomb(went_off)}, folder / "b.pt")
    arrays = {name: np.array([Bomb(went_off)], dtype=object) for name in Images._fields}
    np.savez(folder / "c.npz", allow_pickle=True, **arrays)
    loads = (load_some_weights, "a.pt"), (load_some_weights, "b.pt"), (load_images, "c.npz")
    for load, name in loads:
        with pytest.raises(DataError, match=name):
            load(folder / name, params)
    assert not went_off.exists()
    pickle.loads((folder / "a.pt").read_bytes())
    assert went_off.exists(), "the bomb itself must work"
