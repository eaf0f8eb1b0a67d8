"""Images, latents, nats and weights: the way out and back, and refusals of what cannot be."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from files.examples import IMAGES, KINDS, LABELS, NATS

from mnist_vae.errors import DataError
from mnist_vae.files import provenance
from mnist_vae.files.nats import load_nats

each_kind = pytest.mark.parametrize("kind", KINDS)
ZEROS = np.zeros(20, np.uint8)


def save(kind: str, path: Path, params: Any, change: dict[int, Any] | None = None) -> Path:
    """An example of `kind`, with some of its values replaced, by their place."""
    values = KINDS[kind].values
    if change:
        values = [change.get(place, value) for place, value in enumerate(values)]
    KINDS[kind].save(path, params, values)
    return path


@each_kind
def test_values_come_back_as_they_were(tmp_path, params, kind) -> None:
    wanted, back = KINDS[kind].values, KINDS[kind].load(save(kind, tmp_path / "a", params), params)
    if kind == "weights":
        assert back.keys() == wanted.keys()
        assert all(torch.equal(back[name], wanted[name]) for name in wanted)
        return
    assert back.params == getattr(provenance, f"of_{'images' if kind == 'images' else 'model'}")(
        params
    )
    for before, after in zip(wanted, back[1:], strict=True):
        assert after.dtype == before.dtype
        assert np.array_equal(after, before)


@each_kind
def test_the_bytes_depend_on_the_values_alone(tmp_path, params, monkeypatch, kind) -> None:
    """Another name, another folder, a year later: the same bytes."""
    first = save(kind, tmp_path / "first", params).read_bytes()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 365 * 24 * 3600)
    assert save(kind, tmp_path / "other" / "second", params).read_bytes() == first


@each_kind
def test_a_damaged_file_or_another_kind_is_refused_in_a_line(tmp_path, params, kind) -> None:
    other = "images" if kind == "weights" else "weights"
    content = save(kind, tmp_path / "good", params).read_bytes()
    flipped, values = bytearray(content), KINDS[kind].values
    inside = values["w"].numpy() if kind == "weights" else values[0]
    flipped[content.index(inside.tobytes()) + 9] ^= 1
    damaged = {
        "empty": b"",
        "text": b"text\n" * 9,
        "cut": content[: len(content) // 2],
        "flipped": bytes(flipped),
        "another": save(other, tmp_path / "other", params).read_bytes(),
    }
    for name, bad in damaged.items():
        (tmp_path / name).write_bytes(bad)
        message = rf"{name}: is not a .*; `dvc repro` makes it again$"
        with pytest.raises(DataError, match=message) as caught:
            KINDS[kind].load(tmp_path / name, params)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("images", {0: IMAGES.astype(float)}, r"train_images is float64 \(20, 28, 28\)"),
        ("images", {3: LABELS[:19]}, r"test_images is .* instead of uint8 \(19, 28, 28\)"),
        ("images", {1: LABELS + 1}, "train_labels: must be 0 to K - 1"),
        ("images", {1: ZEROS}, "train_labels: must be 0 to K - 1, each at least twice"),
        ("latents", {0: np.full((20, 2), np.nan, np.float32)}, "train_z_mean holds nan or inf"),
        ("latents", {3: np.zeros((20, 3), np.float32)}, r"float32 \(20, 3\) instead of .*, 2\)"),
        ("nats", {2: np.full(20, np.inf, np.float32)}, "test_kl_nats holds nan or inf"),
        ("nats", {3: NATS[:19]}, r"test_nll_nats is float32 \(19,\) instead"),
    ],
)
def test_arrays_that_cannot_be_are_refused(tmp_path, params, kind, change, message) -> None:
    path = save(kind, tmp_path / "a.npz", params, change)
    with pytest.raises(DataError, match=rf"a\.npz: .*{message}"):
        KINDS[kind].load(path, params)


def test_nats_of_no_likelihood_have_no_nll(tmp_path, params) -> None:
    path = save("nats", tmp_path / "n.npz", params, {3: NATS[:0]})
    assert load_nats(path).test_nll_nats.shape == (0,)


@pytest.mark.parametrize("kind", ["latents", "weights"])
def test_files_of_other_parameters_say_which_differ(tmp_path, params, kind) -> None:
    path = save(kind, tmp_path / "file", params)
    train = params.train.model_copy(update={"epochs": 3})
    generate = params.generate.model_copy(update={"grid": 5})
    now = params.model_copy(update={"seed": 7, "train": train, "generate": generate})
    message = (
        r"file: was made with seed 0, train\.epochs 30; params\.yaml says 7, 3; "
        "`dvc repro` makes it again$"
    )
    with pytest.raises(DataError, match=message):
        KINDS[kind].load(path, now)
