"""MNIST, handwritten digits; LeCun, Bottou, Bengio & Haffner 1998."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

TITLE = "MNIST"
CLASS_NOUN, CLASS_NAMES = "digit", tuple("0123456789")
TRAIN_IMAGES, TEST_IMAGES = 60_000, 10_000

# MD5 of each file, as torchvision.datasets.MNIST.resources states them
FILES = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}


def load() -> "tuple[np.ndarray, ...]":
    """Raises DownloadError."""
    from mnist_vae.readers.mirrors import load_idx_files

    return load_idx_files("MNIST", FILES, mirror="MNIST_MIRROR")
