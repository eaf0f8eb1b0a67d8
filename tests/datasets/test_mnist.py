"""MNIST from the files of its authors."""

import numpy as np
import pytest

from mnist_vae.datasets import mnist


def test_mnist_from_a_directory(mirror, monkeypatch) -> None:
    monkeypatch.setenv("MNIST_MIRROR", str(mirror))
    train_images, train_labels, test_images, test_labels = mnist.load()
    assert train_images.shape == (60000, 28, 28)
    assert test_images.shape == (10000, 28, 28)
    assert train_labels[:5].tolist() == [5, 0, 4, 1, 9]  # as the MNIST page shows them
    assert test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(train_labels)[5] == 5421  # the rarest digit
    # the mean by which PyTorch's MNIST example normalises, so 0 is the background
    assert train_images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
