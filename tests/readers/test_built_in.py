"""The data sets of datasets/: as they are described, and MNIST and the embedded digits as known."""

import os
from typing import Any

import numpy as np
import pytest

from mnist_vae.errors import DownloadError
from mnist_vae.params import datasets
from mnist_vae.params.loading import load_description
from mnist_vae.readers import mirrors
from mnist_vae.readers.sources import read_dataset


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "kmnist"])
def test_checksums_class_names_and_mirrors_are_torchvisions(name) -> None:
    ours = load_description(name)
    assert ours.idx
    theirs = mirrors.torchvision_datasets()[ours.idx.torchvision]
    assert dict(theirs.resources) == ours.idx.files
    assert mirrors.mirrors(ours.idx.torchvision, "NO_SUCH_VARIABLE") == theirs.mirrors
    if name != "mnist":  # whose classes torchvision calls "0 - zero"
        assert list(ours.class_names or ()) == theirs.classes


@pytest.mark.parametrize("name", datasets.names())
def test_the_images_are_as_described(name, monkeypatch, request) -> None:
    stated = load_description(name)
    if name == "mnist":
        monkeypatch.setenv("MNIST_MIRROR", str(request.getfixturevalue("mirror")))
    elif stated.idx:
        variable = f"{name.upper()}_MIRROR"
        monkeypatch.setenv(variable, os.environ.get(variable, "nowhere"))
    try:
        found = read_dataset(name)
    except DownloadError as error:
        assert name != "mnist"
        pytest.skip(str(error))
    assert stated.images
    assert stated.size
    assert found.dataset.class_names == list(stated.class_names or ())
    sides = zip(stated.images, found.arrays[::2], found.arrays[1::2], strict=True)
    for count, images, labels in sides:
        assert images.dtype == labels.dtype == np.uint8
        assert images.shape == (count, *stated.size)
        assert labels.shape == (count,)
        assert (np.bincount(labels) >= 2).tolist() == [True] * 10
        assert images.min() == 0
        assert images.max() > 200


def test_mnist_and_its_embedded_digits(mirror, monkeypatch) -> None:
    monkeypatch.setenv("MNIST_MIRROR", str(mirror))
    dataset, (images, labels, _, test_labels), _ = read_dataset("mnist")
    assert labels[:5].tolist() == [5, 0, 4, 1, 9]  # as the MNIST page shows them
    assert test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(labels)[5] == 5421  # the rarest digit
    # the mean by which PyTorch's MNIST example normalises, so 0 is the background
    assert images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert dataset.background
    assert not dataset.filled

    known = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    train_images, train_labels, test_images, test_labels = read_dataset("mnist_5k").arrays
    for images, labels in ((train_images, train_labels), (test_images, test_labels)):
        assert [known[image.tobytes()] for image in images] == labels.tolist()
    assert np.bincount(train_labels).tolist() == [400] * 10
    assert np.bincount(test_labels).tolist() == [100] * 10
    seen = {image.tobytes() for image in train_images}
    assert not seen & {image.tobytes() for image in test_images}, "no image is in both splits"


def test_digits_8x8_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    theirs: Any = load_digits()
    found = read_dataset("digits_8x8")
    ours = np.concatenate(found.arrays[::2]).reshape(-1, 64)
    labels = np.concatenate(found.arrays[1::2])
    assert found.dataset.filled
    # the same images, whichever side of the split they are on
    assert sorted(map(bytes, np.rint(theirs.data * 255 / 16).astype(np.uint8))) == sorted(
        map(bytes, ours)
    )
    assert np.bincount(labels).tolist() == np.bincount(theirs.target).tolist()
