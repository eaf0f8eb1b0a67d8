"""Fashion-MNIST, articles of clothing; Xiao, Rasul & Vollgraf 2017."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

TITLE = "Fashion-MNIST"
CLASS_NOUN = "article"
CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
TRAIN_IMAGES, TEST_IMAGES = 60_000, 10_000

# MD5 of each file, as torchvision.datasets.FashionMNIST.resources states them
FILES = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}


def load() -> "tuple[np.ndarray, ...]":
    """Raises DownloadError."""
    from mnist_vae.readers.mirrors import load_idx_files

    return load_idx_files("FashionMNIST", FILES, mirror="FASHION_MNIST_MIRROR")
