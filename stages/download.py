"""Fetch the images and labels of the data set that params.yaml names.

reads   its mirrors, or MNIST_MIRROR, FASHION_MNIST_MIRROR, KMNIST_MIRROR: a folder or an http(s)
        URL with the four .gz files; mnist_5k needs neither
writes  data/images.npz
"""

from pathlib import Path

from _stage import run

from mnist_vae.choices import DATASETS, load_choice
from mnist_vae.files import provenance
from mnist_vae.files.images import Images
from mnist_vae.files.npz import save_npz
from mnist_vae.params import load_params

IMAGES = Path("data/images.npz")


def main() -> None:
    params = load_params()
    dataset = load_choice(DATASETS, params.dataset)
    images = Images(provenance.of_images(params), *dataset.load())
    save_npz(IMAGES, images)
    train, test = len(images.train_labels), len(images.test_labels)
    print(f"{IMAGES}: {train:,} training, {test:,} test images")


if __name__ == "__main__":
    run(main)
