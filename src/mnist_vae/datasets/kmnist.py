"""Kuzushiji-MNIST, cursive Japanese characters; Clanuwat et al. 2018."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

TITLE = "KMNIST"
CLASS_NOUN = "character"
CLASS_NAMES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
TRAIN_IMAGES, TEST_IMAGES = 60_000, 10_000

# MD5 of each file, as torchvision.datasets.KMNIST.resources states them
FILES = {
    "train-images-idx3-ubyte.gz": "bdb82020997e1d708af4cf47b453dcf7",
    "train-labels-idx1-ubyte.gz": "e144d726b3acfaa3e44228e80efcd344",
    "t10k-images-idx3-ubyte.gz": "5c965bf0a639b31b8f53240b1b52f4d7",
    "t10k-labels-idx1-ubyte.gz": "7320c461ea6c1c855c0b718fb2a4b134",
}


def load() -> "tuple[np.ndarray, ...]":
    """Raises DownloadError."""
    from mnist_vae.readers.mirrors import load_idx_files

    return load_idx_files("KMNIST", FILES, mirror="KMNIST_MIRROR")
