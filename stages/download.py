"""Fetch the images and labels of the data set that params.yaml names, or read its folder.

reads   datasets/NAME/: the images, or a description of where they come from: mirrors, or
        MNIST_MIRROR, FASHION_MNIST_MIRROR, KMNIST_MIRROR, a folder or an http(s) URL with the four
        .gz files
writes  data/images.npz, data/dataset.json
"""

from pathlib import Path

from _stage import run

from mnist_vae.files.dataset import save_dataset
from mnist_vae.files.images import save_images
from mnist_vae.params.loading import load_params
from mnist_vae.readers.sources import read_dataset

IMAGES = Path("data/images.npz")
DATASET = Path("data/dataset.json")


def main() -> None:
    params = load_params()
    dataset, arrays, notes = read_dataset(params.dataset)
    save_images(IMAGES, params, arrays)
    save_dataset(DATASET, dataset)
    for note in notes:
        print(note)
    train, _, test, _ = map(len, arrays)
    size = " x ".join(map(str, arrays[0].shape[1:]))
    classes = f"{len(dataset.class_names):,} classes"
    print(f"{IMAGES}: {train:,} training, {test:,} test images of {size}, {classes}")


if __name__ == "__main__":
    run(main)
