"""Each file of datasets/ keeps what datasets/__init__.py promises, whichever files there are."""

import os
import subprocess
import sys

import numpy as np
import pytest
from committed import ROOT

from mnist_vae.choices import DATASETS, load_choice, names_in
from mnist_vae.datasets import _mirrors
from mnist_vae.errors import DownloadError

each_dataset = pytest.mark.parametrize("name", names_in(DATASETS))


@each_dataset
def test_figures_get_a_title_and_ten_class_names(name) -> None:
    dataset = load_choice(DATASETS, name)
    assert len(set(dataset.CLASS_NAMES)) == 10
    for text in (dataset.TITLE, dataset.CLASS_NOUN, *dataset.CLASS_NAMES):
        assert isinstance(text, str)
        assert text == text.strip() != ""


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "kmnist"])
def test_checksums_class_names_and_mirrors_are_torchvisions(name) -> None:
    title = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "kmnist": "KMNIST"}[name]
    theirs = _mirrors.torchvision_datasets()[title]
    ours = load_choice(DATASETS, name)
    assert dict(theirs.resources) == ours.FILES
    assert _mirrors.mirrors(title, "NO_SUCH_VARIABLE") == theirs.mirrors
    assert all(mirror.startswith("http") for mirror in theirs.mirrors)
    if name != "mnist":  # whose classes torchvision calls "0 - zero"
        assert list(ours.CLASS_NAMES) == theirs.classes


@each_dataset
def test_load_gives_as_many_images_as_stated_the_same_each_time(name, monkeypatch, request) -> None:
    dataset = load_choice(DATASETS, name)
    if name == "mnist":
        monkeypatch.setenv("MNIST_MIRROR", str(request.getfixturevalue("mirror")))
    elif name != "mnist_5k":  # that one needs no files
        variable = f"{name.upper()}_MIRROR"
        monkeypatch.setenv(variable, os.environ.get(variable, "nowhere"))
    try:
        first, second = dataset.load(), dataset.load()
    except DownloadError as error:
        assert name != "mnist"
        pytest.skip(str(error))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    train_images, train_labels, test_images, test_labels = first
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


def test_importing_them_loads_nothing_that_takes_time() -> None:
    modules = ", ".join(f"mnist_vae.datasets.{name}" for name in names_in(DATASETS))
    code = f"import sys; sys.path.insert(0, 'src'); import {modules}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    slow = {"numpy", "torch", "torchvision", "mlxtend", "pandas", "tqdm"}
    assert not slow & set(done.stdout.split())
