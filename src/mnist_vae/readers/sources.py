"""The images of a data set from wherever its folder says: split, checked and described.

`arrays` are training images and labels, then those for testing; or images and labels, not split.
"""

import contextlib
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_vae import random_streams
from mnist_vae.errors import DataError, WrongInputError
from mnist_vae.files.checks import LEAST, expect_uint8
from mnist_vae.files.dataset import Dataset
from mnist_vae.params.datasets import (
    DESCRIPTION,
    FOLDER,
    MAX_CLASSES,
    MAX_SIDE,
    MIN_CLASSES,
    MIN_SIDE,
    Description,
)
from mnist_vae.params.loading import load_description
from mnist_vae.readers.array_file import ARRAYS, read_arrays
from mnist_vae.readers.bundled import BUNDLED
from mnist_vae.readers.idx import parse_idx
from mnist_vae.readers.image_folder import converted, expect_inside, folders_in, read_folder, shown
from mnist_vae.readers.mirrors import load_idx_files

TEST_FRACTION = 0.2
FILLED = 0.02  # of white: images whose edges are brighter on average fill their square
LOOKED_AT = 2000  # images, from which `background` and `filled` are told
IDX_FILES = [
    f"{split}-{kind}-ubyte"
    for split in ("train", "t10k")
    for kind in ("images-idx3", "labels-idx1")
]

Arrays = Sequence[np.ndarray]


class FoundDataset(NamedTuple):
    """`arrays` in the order of data/images.npz; `notes` are sentences on what was converted."""

    dataset: Dataset
    arrays: Arrays
    notes: Sequence[str]


def read_dataset(name: str) -> FoundDataset:
    """Raises ParamsError, DataError, DownloadError and WrongInputError."""
    folder, stated = FOLDER / name, load_description(name)
    notes: Sequence[str] = ()
    names: Sequence[str] | None = stated.class_names
    before = listing(folder)
    if stated.idx:
        arrays: Arrays = load_idx_files(name, stated.idx)
    elif stated.bundled:
        arrays = BUNDLED[stated.bundled]()
    elif (folder / ARRAYS).is_file():
        expect_inside(folder / ARRAYS, folder)
        refuse_classes_beside(folder, ARRAYS)
        arrays = read_arrays(folder / ARRAYS)
    elif any(folder.glob("*-ubyte*")):
        refuse_classes_beside(folder, "IDX files")
        arrays = read_idx_files(folder)
    else:
        arrays, names, notes = read_folder(folder, stated)
    try:
        arrays = checked(arrays, stated)
        names = class_names(arrays[1::2], names)
        if len(arrays) == 2:
            images, labels = arrays
            arrays = split(images, labels, stated.test_fraction or TEST_FRACTION)
        expect_enough(arrays, names, stated)
    except DataError as error:
        raise DataError(f"{shown(folder)}: {error}") from None
    small = np.uint8 if len(names) <= 256 else np.uint16
    if listing(folder) != before:
        raise WrongInputError(f"{shown(folder)}: changed while it was read; run it again")
    train, labels, test, test_labels = arrays
    arrays = train, labels.astype(small), test, test_labels.astype(small)
    return FoundDataset(described(name, stated, names, train), arrays, notes)


def listing(folder: Path) -> list[tuple[str, int, int]]:
    """Each file with the time of its last change and its size."""
    found = []
    for path in sorted(folder.rglob("*")):
        with contextlib.suppress(OSError):  # deleted at this moment: it is in one of two listings
            status = path.stat()
            found.append((str(path), status.st_mtime_ns, status.st_size))
    return found


def refuse_classes_beside(folder: Path, what: str) -> None:
    """Raises DataError."""
    if classes := folders_in(folder):
        raise DataError(f"{shown(folder)}: holds {what} and the folder {classes[0].name}; keep one")


def read_idx_files(folder: Path) -> Arrays:
    """The four files of MNIST's names in `folder`, compressed or not. Raises DataError."""
    arrays = []
    for name in IDX_FILES:
        packed, plain = folder / f"{name}.gz", folder / name
        try:
            content = (
                gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes()
            )
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or error
            raise DataError(f"{shown(plain)}[.gz]: cannot be read: {reason}") from None
        arrays.append(parse_idx(content, shown(plain)))
    return arrays


def checked(arrays: Arrays, stated: Description) -> Arrays:
    """uint8 images (N, H, W) or (N, H, W, 3) as dataset.yaml wants them, and their labels. Raises
    DataError."""
    found = []
    for images, labels in zip(arrays[::2], arrays[1::2], strict=True):
        if 0 in images.shape or not labels.size:
            raise DataError(
                f"there are no images: the shapes are {images.shape} and {labels.shape}"
            )
        expect_uint8(images)
        if images.ndim == 4 and images.shape[-1] == 1:
            images = images[..., 0]
        if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[-1] != 3):
            wanted = "(N, H, W) or (N, H, W, 3)"
            raise DataError(f"images have the shape {images.shape} instead of {wanted}")
        if labels.shape != images.shape[:1]:
            raise DataError(f"{len(images):,} images have labels of the shape {labels.shape}")
        channels = stated.channels or (3 if images.ndim == 4 else 1)
        size = stated.size or (images.shape[1], images.shape[2])
        if size != images.shape[1:3] or channels != (3 if images.ndim == 4 else 1):
            images = np.stack([converted(image, channels, size) for image in images])
        if min(size) < MIN_SIDE or max(size) > MAX_SIDE:
            has = f"images have {size[0]} x {size[1]} pixels; {MIN_SIDE} to {MAX_SIDE} are allowed"
            raise DataError(f"{has}: `size: [height, width]` in {DESCRIPTION} scales them")
        found += [images, labels]
    if len({images.shape[1:] for images in found[::2]}) > 1:
        raise DataError("training and test images differ in their size or colours")
    return found


def class_names(labels: Sequence[np.ndarray], names: Sequence[str] | None) -> Sequence[str]:
    """`names`, or the numbers of the labels. Raises DataError."""
    for some in labels:
        if some.dtype.kind not in "iu":
            raise DataError(f"labels are {some.dtype}; integers from 0 are wanted")
    least, most = min(some.min() for some in labels), max(some.max() for some in labels)
    count = len(names) if names else int(most) + 1
    if least < 0 or most >= count:
        raise DataError(f"labels are {least} to {most}; 0 to {count - 1} are wanted")
    if not MIN_CLASSES <= count <= MAX_CLASSES:
        raise DataError(f"{count:,} classes; {MIN_CLASSES} to {MAX_CLASSES:,} are allowed")
    found = names or [str(label) for label in range(count)]
    if len(set(found)) < count:
        raise DataError("two classes have the same name")
    for name in found:
        if not name.isprintable() or not name.strip():
            raise DataError(f"{name!r} is no name of a class: all of it must be visible")
    return found


def split(images: np.ndarray, labels: np.ndarray, fraction: float) -> Arrays:
    """The same share of each class for testing, at least LEAST; the order is kept."""
    order = random_streams.test_split().permutation(len(labels))
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        own = order[labels[order] == label]
        test[own[: max(LEAST, round(fraction * len(own)))]] = True
    return images[~test], labels[~test], images[test], labels[test]


def expect_enough(arrays: Arrays, names: Sequence[str], stated: Description) -> None:
    """Raises DataError."""
    counts = [np.bincount(labels, minlength=len(names)) for labels in arrays[1::2]]
    for label, (train, test) in enumerate(zip(*counts, strict=True)):
        if min(train, test) < LEAST:
            raise DataError(
                f"class {names[label]} has {train} training and {test} test images; each needs "
                f"{LEAST} or more"
            )
    there = len(arrays[0]), len(arrays[2])
    if stated.images and stated.images != there:
        raise DataError(
            f"{DESCRIPTION} says images: {list(stated.images)}; there are {list(there)}"
        )


def described(name: str, stated: Description, names: Sequence[str], images: np.ndarray) -> Dataset:
    """`images` are those for training."""
    some = images[:: -(-len(images) // LOOKED_AT)]
    grey = images.ndim == 3
    edges = [some[:, 0], some[:, -1], some[:, :, 0], some[:, :, -1]]
    return Dataset(
        title=stated.title or name,
        class_noun=stated.class_noun or "class",
        class_names=list(names),
        drawable=stated.drawable and grey,
        background=grey and int(np.bincount(some.ravel()).argmax()) == 0,
        filled=bool(np.mean([edge.mean() for edge in edges]) > 255 * FILLED),
    )
