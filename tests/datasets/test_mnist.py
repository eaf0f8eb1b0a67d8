"""MNIST from the files of its authors, and the embedded digits, which are some of its images."""

import numpy as np
import pytest

from mnist_vae.datasets import mnist, mnist_5k


def test_mnist_and_its_embedded_digits(mirror, monkeypatch) -> None:
    monkeypatch.setenv("MNIST_MIRROR", str(mirror))
    images, labels, _, test_labels = mnist.load()
    assert labels[:5].tolist() == [5, 0, 4, 1, 9]  # as the MNIST page shows them
    assert test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(labels)[5] == 5421  # the rarest digit
    # the mean by which PyTorch's MNIST example normalises, so 0 is the background
    assert images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)

    known = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    train_images, train_labels, test_images, test_labels = mnist_5k.load()
    for images, labels in ((train_images, train_labels), (test_images, test_labels)):
        assert [known[image.tobytes()] for image in images] == labels.tolist()
    assert np.bincount(train_labels).tolist() == [400] * 10
    assert np.bincount(test_labels).tolist() == [100] * 10
    seen = {image.tobytes() for image in train_images}
    assert not seen & {image.tobytes() for image in test_images}, "no image is in both splits"
