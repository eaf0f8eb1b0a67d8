"""images.npz in a data set's folder: arrays that the user has made."""

from pathlib import Path

import numpy as np

from mnist_vae.errors import DataError, first_sentence
from mnist_vae.readers.image_folder import shown

ARRAYS = "images.npz"
WHOLE = "images", "labels"
SPLIT = "train_images", "train_labels", "test_images", "test_labels"


def read_arrays(path: Path) -> tuple[np.ndarray, ...]:
    """`images` and `labels`, or the four of a split. Raises DataError."""
    try:
        with np.load(path, allow_pickle=False) as opened:
            for wanted in (SPLIT, WHOLE):
                if set(wanted) <= set(opened.files):
                    return tuple(np.asarray(opened[name]) for name in wanted)
            there = ", ".join(opened.files) or "nothing"
    except MemoryError:
        raise
    except Exception as error:  # numpy documents no closed list
        raise DataError(f"{shown(path)}: cannot be read: {first_sentence(error)}") from None
    raise DataError(
        f"{shown(path)}: holds {there}; it must hold {' and '.join(WHOLE)}, or {', '.join(SPLIT)}"
    )
