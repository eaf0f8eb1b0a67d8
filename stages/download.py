"""Fetch MNIST (dataset: mnist) or unpack the embedded digits (dataset: mnist_5k).

reads   the mirrors, or MNIST_MIRROR: a directory or an http(s) URL with the four .gz files
writes  data/images.npz
"""

from pathlib import Path

from _stage import run

from mnist_vae.artifacts import save_arrays
from mnist_vae.datasets import load_dataset
from mnist_vae.params import load_params

IMAGES = Path("data/images.npz")


def main() -> None:
    images = load_dataset(load_params().dataset)
    save_arrays(IMAGES, images)
    print(
        f"{IMAGES}: {len(images.train_labels):,} training, {len(images.test_labels):,} test images"
    )


if __name__ == "__main__":
    run(main)
