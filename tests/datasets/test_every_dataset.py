"""Each file of datasets/ keeps what datasets/__init__.py promises, whichever files there are."""

import os

import numpy as np
import pytest

from mnist_vae.errors import DownloadError
from mnist_vae.params.plugins import DATASETS, load_plugin, names_in
from mnist_vae.readers import mirrors

each_dataset = pytest.mark.parametrize("name", names_in(DATASETS))


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "kmnist"])
def test_checksums_class_names_and_mirrors_are_torchvisions(name) -> None:
    title = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "kmnist": "KMNIST"}[name]
    theirs = mirrors.torchvision_datasets()[title]
    ours = load_plugin(DATASETS, name)
    assert dict(theirs.resources) == ours.FILES
    assert mirrors.mirrors(title, "NO_SUCH_VARIABLE") == theirs.mirrors
    if name != "mnist":  # whose classes torchvision calls "0 - zero"
        assert list(ours.CLASS_NAMES) == theirs.classes


@each_dataset
def test_load_gives_as_many_images_as_stated(name, monkeypatch, request) -> None:
    dataset = load_plugin(DATASETS, name)
    if name == "mnist":
        monkeypatch.setenv("MNIST_MIRROR", str(request.getfixturevalue("mirror")))
    elif name != "mnist_5k":  # that one needs no files
        variable = f"{name.upper()}_MIRROR"
        monkeypatch.setenv(variable, os.environ.get(variable, "nowhere"))
    try:
        train_images, train_labels, test_images, test_labels = dataset.load()
    except DownloadError as error:
        assert name != "mnist"
        pytest.skip(str(error))
    for images, labels, count in (
        (train_images, train_labels, dataset.TRAIN_IMAGES),
        (test_images, test_labels, dataset.TEST_IMAGES),
    ):
        assert images.dtype == labels.dtype == np.uint8
        assert images.shape == (count, 28, 28)
        assert labels.shape == (count,)
        assert (np.bincount(labels, minlength=10) >= 2).tolist() == [True] * 10
        assert images.min() == 0
        assert images.max() > 200
