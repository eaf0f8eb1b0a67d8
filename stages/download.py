"""Fetch the images and labels of the data set that params.yaml names.

reads   its mirrors, or MNIST_MIRROR, FASHION_MNIST_MIRROR, KMNIST_MIRROR: a folder or an http(s)
        URL with the four .gz files; mnist_5k needs neither
writes  data/images.npz
"""

from pathlib import Path

from _stage import run

from mnist_vae.files.images import save_images
from mnist_vae.params.loading import load_params
from mnist_vae.params.plugins import DATASETS, load_plugin

IMAGES = Path("data/images.npz")


def main() -> None:
    params = load_params()
    arrays = load_plugin(DATASETS, params.dataset).load()
    save_images(IMAGES, params, arrays)
    train, _, test, _ = map(len, arrays)
    print(f"{IMAGES}: {train:,} training, {test:,} test images")


if __name__ == "__main__":
    run(main)
