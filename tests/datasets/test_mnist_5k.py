"""The embedded digits."""

import numpy as np

from mnist_vae.datasets import mnist, mnist_5k


def test_the_classes_are_of_one_size_and_no_image_is_in_both_splits() -> None:
    train_images, train_labels, test_images, test_labels = mnist_5k.load()
    assert np.bincount(train_labels).tolist() == [400] * 10
    assert np.bincount(test_labels).tolist() == [100] * 10
    seen = {image.tobytes() for image in train_images}
    assert not seen & {image.tobytes() for image in test_images}


def test_they_are_images_of_mnists_training_set_with_their_labels(mirror, monkeypatch) -> None:
    monkeypatch.setenv("MNIST_MIRROR", str(mirror))
    images, labels, *_ = mnist.load()
    known = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    train_images, train_labels, test_images, test_labels = mnist_5k.load()
    for images, labels in ((train_images, train_labels), (test_images, test_labels)):
        assert [known[image.tobytes()] for image in images] == labels.tolist()
