"""Images and latents: the way out and back, and refusals of what cannot be."""

import io
import zipfile

import numpy as np
import pytest
from files.examples import LABELS, some_images, some_latents

from mnist_vae.errors import DataError
from mnist_vae.files.images import load_images
from mnist_vae.files.latents import load_latents
from mnist_vae.files.npz import save_npz

ZEROS = np.zeros(20, np.uint8)


def test_images_and_latents_come_back_as_they_were(folder, params) -> None:
    for arrays, load in ((some_images(), load_images), (some_latents(params), load_latents)):
        save_npz(folder / "a.npz", arrays)
        back = load(folder / "a.npz", params)
        assert type(back) is type(arrays)
        assert back.params == arrays.params
        for before, after in zip(arrays[1:], back[1:], strict=True):
            assert after.dtype == before.dtype
            assert np.array_equal(after, before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"train_images": np.zeros((20, 28, 27), np.uint8)},
            r"train_images is uint8 \(20, 28, 27\) instead of uint8 \(20, 28, 28\)",
        ),
        ({"train_images": np.zeros((20, 28, 28))}, r"train_images is float64 \(20, 28, 28\)"),
        (
            {"test_images": np.zeros((0, 28, 28), np.uint8)},
            r"test_images is uint8 \(0, 28, 28\) .*20",
        ),
        (
            {"test_images": np.zeros((0, 28, 28), np.uint8), "test_labels": ZEROS[:0]},
            "test_labels: must be",
        ),
        (
            {"test_labels": LABELS[:19]},
            r"test_images is uint8 \(20, 28, 28\) instead of uint8 \(19, 28, 28\)",
        ),
        ({"test_labels": LABELS.astype(int)}, r"test_labels is int64"),
        ({"train_labels": LABELS + 1}, r"train_labels: must be 0 to 9"),
        ({"train_labels": ZEROS}, r"train_labels: must be 0 to 9, each at least twice"),
        ({"params": {"dataset": "mnist_5k"}}, "was made with dataset 'mnist_5k'; params.yaml says"),
        ({"params": {}}, "was made with dataset None; params.yaml says 'mnist'"),
        ({"params": [1]}, "does not say which parameters it was made with"),
    ],
)
def test_images_that_cannot_be_are_refused(folder, params, change, message) -> None:
    save_npz(folder / "i.npz", some_images()._replace(**change))
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
    save_npz(folder / "l.npz", some_latents(params)._replace(**change))
    with pytest.raises(DataError, match=rf"l\.npz: .*{message}"):
        load_latents(folder / "l.npz", params)


def test_latents_of_other_parameters_say_which_differ(folder, params) -> None:
    save_npz(folder / "latents.npz", some_latents(params))
    train = params.train.model_copy(update={"epochs": 3})
    generate = params.generate.model_copy(update={"grid": 5})
    now = params.model_copy(update={"seed": 7, "train": train, "generate": generate})
    message = (
        r"latents\.npz: was made with seed 0, train\.epochs 30; params\.yaml says 7, 3; "
        "`dvc repro` makes it again$"
    )
    with pytest.raises(DataError, match=message):
        load_latents(folder / "latents.npz", now)


def npy(array: np.ndarray, shape: tuple[int, ...], version: tuple[int, int]) -> bytes:
    """`array` as an npy file whose header says `shape`."""
    buffer = io.BytesIO()
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": shape}
    write_header = {
        (1, 0): np.lib.format.write_array_header_1_0,
        (2, 0): np.lib.format.write_array_header_2_0,
    }[version]
    write_header(buffer, header)
    return buffer.getvalue() + array.tobytes()


@pytest.mark.parametrize(
    ("shape", "version", "message"),
    [
        ((2**40, 28, 28), (1, 0), "promises more than the file holds"),
        ((20, 28, 28), (2, 0), r"is not of npy's version 1\.0"),
    ],
)
def test_an_array_with_a_dishonest_header_is_not_made(
    folder, params, shape, version, message
) -> None:
    path, images = folder / "i.npz", some_images()
    save_npz(path, images)
    with zipfile.ZipFile(path) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    assert parts["test_images.npy"] == npy(images.test_images, (20, 28, 28), (1, 0))
    parts["test_images.npy"] = npy(images.test_images, shape, version)
    with zipfile.ZipFile(path, "w") as bad:
        for name, part in parts.items():
            bad.writestr(name, part)
    with pytest.raises(DataError, match=rf"i\.npz: test_images {message}"):
        load_images(path, params)
