"""A folder of datasets/ becomes four arrays and a description, or a line says what is wrong."""

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generated_images import SHAPES, bars, letters, save_files, shapes
from PIL import Image
from readers.conftest import describe, refused

from mnist_vae.errors import ParamsError
from mnist_vae.readers import sources
from mnist_vae.readers.sources import read_dataset


def test_a_folder_for_each_class_is_enough(folder) -> None:
    images, labels = shapes()
    save_files(folder, images, labels, SHAPES)
    found = read_dataset("mine")
    assert found.dataset.class_names == list(SHAPES)
    assert (found.dataset.title, found.dataset.class_noun) == ("mine", "class")
    assert not found.dataset.background
    train, train_labels, test, test_labels = found.arrays
    assert np.bincount(train_labels).tolist() == [32] * 4  # four fifths of each class
    assert np.bincount(test_labels).tolist() == [8] * 4
    known = {image.tobytes(): label for image, label in zip(images, labels.tolist(), strict=True)}
    for some, own in ((train, train_labels), (test, test_labels)):
        assert [known[image.tobytes()] for image in some] == own.tolist()
    assert len(train) + len(test) == len(known)


def test_the_split_is_the_same_for_each_reading_and_can_be_ones_own(folder) -> None:
    images, labels = bars()
    save_files(folder, images, labels)
    first, again = read_dataset("mine"), read_dataset("mine")
    assert all(map(np.array_equal, first.arrays, again.arrays))
    describe(folder, "test_fraction: 0.5")
    assert len(read_dataset("mine").arrays[2]) == 40

    own = folder.parent / "mine"
    for path in list(own.iterdir()):
        path.rename(folder.parent / path.name)
    save_files(own / "train", images[:60], labels[:60])
    save_files(own / "test", images[60:], labels[60:])
    train, _, test, test_labels = read_dataset("mine").arrays
    assert sorted(map(bytes, train)) == sorted(map(bytes, images[:60]))
    order = np.argsort(labels[60:], kind="stable")
    assert np.array_equal(test, images[60:][order])
    assert np.array_equal(test_labels, labels[60:][order])


def test_what_dataset_yaml_says_holds(folder) -> None:
    save_files(folder, *bars())
    (folder / "000").rename(folder / "left")
    (folder / "001").rename(folder / "right")
    describe(
        folder,
        "title: Bars\nclass_noun: side\nclass_names: [right, left]\nsize: [10, 46]\nchannels: 3\n",
    )
    found = read_dataset("mine")
    assert found.dataset[:3] == ("Bars", "side", ["right", "left"])
    images, labels = found.arrays[:2]
    assert images.shape[1:] == (10, 46, 3)
    brightest = images.mean(axis=(1, 3)).argmax(axis=1)
    assert ((brightest < 23) == (labels == 1)).all()
    assert not found.notes


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.uint32])
def test_arrays_with_labels_of_any_integers(folder, dtype) -> None:
    images, labels = letters()
    np.savez(folder / "images.npz", images=images[..., None], labels=labels.astype(dtype))
    found = read_dataset("mine")
    assert found.dataset.class_names == [str(n) for n in range(26)]
    assert found.dataset.background
    assert found.arrays[0].shape == (208, 28, 28)
    assert found.arrays[1].dtype == np.uint8
    half: dict[str, Any] = {"train_images": images[:130], "train_labels": labels[:130]}
    np.savez(folder / "images.npz", **half, test_images=images[130:], test_labels=labels[130:])
    arrays = read_dataset("mine").arrays
    assert all(
        map(np.array_equal, arrays, (images[:130], labels[:130], images[130:], labels[130:]))
    )


def test_a_thousand_classes(folder) -> None:
    labels = np.repeat(np.arange(1000), 4)
    images = np.zeros((4000, 4, 4), np.uint8)
    np.savez(folder / "images.npz", images=images, labels=labels)
    found = read_dataset("mine")
    assert found.arrays[1].dtype == np.uint16
    assert found.arrays[3].tolist() == np.repeat(np.arange(1000), 2).tolist()


def test_idx_files_in_the_folder(folder) -> None:
    images, labels = bars()
    for name, array in zip(
        sources.IDX_FILES, (images[:60], labels[:60], images[60:], labels[60:]), strict=True
    ):
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        content = b"\0\0\x08" + bytes([array.ndim]) + sizes + array.astype(np.uint8).tobytes()
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    arrays = read_dataset("mine").arrays
    assert np.array_equal(arrays[0], images[:60])
    assert np.array_equal(arrays[3], labels[60:])
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    assert refused() == (
        "datasets/mine/t10k-labels-idx1-ubyte[.gz]: cannot be read: No such file or directory"
    )


def of_arrays(**changes: Any):
    images, labels = bars()
    arrays: dict[str, Any] = {"images": images, "labels": labels} | changes

    def make(folder: Path) -> None:
        np.savez(folder / "images.npz", **arrays)

    return make


def of_files(change=lambda folder: None, count: int = 80):
    def make(folder: Path) -> None:
        save_files(folder, *(array[:count] for array in bars()))
        change(folder)

    return make


FIRST = "000/0000.png"
REFUSED = {
    "nothing": (lambda folder: None, "datasets/mine: holds no folder of images; each class is"),
    "an empty class": (of_files(lambda f: (f / "empty").mkdir()), "mine/empty: the class is empty"),
    "one class": (of_arrays(labels=np.zeros(80, int)), "mine: 1 classes; 2 to 1,000 are allowed"),
    "one image in a class": (of_files(count=3), "class 000 has 0 training and 2 test images; each"),
    "beside the classes": (
        of_files(lambda f: (f / FIRST).rename(f / "lost.png")),
        "datasets/mine/lost.png: lies in no class; each class is a folder of images",
    ),
    "a folder in a class": (
        of_files(lambda f: (f / "000/more").mkdir()),
        "datasets/mine/000/more: a class holds images and no folders",
    ),
    "no image": (
        of_files(lambda f: (f / "000/notes.txt").write_text("notes")),
        "datasets/mine/000/notes.txt: is no image; repair or delete the file",
    ),
    "a truncated one": (
        of_files(lambda f: (f / FIRST).write_bytes((f / FIRST).read_bytes()[:60])),
        "datasets/mine/000/0000.png: OSError: ",
    ),
    "mixed sizes": (
        of_files(lambda f: Image.new("L", (9, 7)).save(f / FIRST)),
        "datasets/mine/000/0002.png: has 5 x 23 pixels, datasets/mine/000/0000.png 7 x 9; write "
        "`size: [height, width]` into datasets/mine/dataset.yaml, and all are scaled",
    ),
    "too large": (
        lambda f: save_files(f, np.zeros((8, 65, 20), np.uint8), np.arange(8) % 2),
        "has 65 x 20 pixels, and 64 x 64 is the most; write `size",
    ),
    "transparent": (
        of_files(lambda f: Image.new("RGBA", (23, 5), (9, 9, 9, 0)).save(f / FIRST)),
        "datasets/mine/000/0000.png: some of its pixels are transparent; give it a background",
    ),
    "CMYK": (
        of_files(lambda f: Image.new("CMYK", (23, 5)).save(f / "000/0000.jpg")),
        "datasets/mine/000/0000.jpg: has the mode CMYK; save it as RGB or as grey with 8 bits",
    ),
    "frames": (
        of_files(
            lambda f: Image.new("L", (23, 5)).save(
                f / "000/moves.gif", save_all=True, append_images=[Image.new("L", (23, 5), 9)]
            )
        ),
        "datasets/mine/000/moves.gif: has 2 frames; save the one that counts",
    ),
    "enormous": (
        of_files(lambda f: Image.new("1", (8000, 8000)).save(f / FIRST)),
        "datasets/mine/000/0000.png: has more than 50 million pixels; scale it down first",
    ),
    "a bomb": (
        of_files(lambda f: Image.new("1", (15000, 15000)).save(f / FIRST)),
        "datasets/mine/000/0000.png: has more than 50 million pixels; scale it down first",
    ),
    "a link": (
        of_files(lambda f: (f / "000/link.png").symlink_to("/etc/hostname")),
        "datasets/mine/000/link.png: is a link out of datasets/mine; copy the file instead",
    ),
    "not UTF-8": (
        of_files(lambda f: (f / FIRST).rename(f / "000/\udcff.png")),
        r"datasets/mine/000: the name '\udcff.png' is not UTF-8",
    ),
    "another class in test": (
        lambda f: [
            save_files(f / s, *bars(), ["a", n]) for s, n in (("train", "b"), ("test", "c"))
        ],
        "datasets/mine/test: there is no folder b, which datasets/mine/train has",
    ),
    "both": (
        lambda f: [make(f) for make in (of_files(), of_arrays())],
        "datasets/mine: holds images.npz and the folder 000; keep one",
    ),
    "labels from 1": (of_arrays(labels=bars()[1] + 2), "class 0 has 0 training and 0 test images"),
    "negative labels": (of_arrays(labels=bars()[1] - 1), "labels are -1 to 0; 0 to 0 are wanted"),
    "float labels": (of_arrays(labels=bars()[1] / 2), "labels are float64; integers from 0"),
    "other labels": (of_arrays(labels=np.zeros(9, int)), "80 images have labels of the shape (9,)"),
    "floats": (
        of_arrays(images=bars()[0] / 255),
        "datasets/mine: images are float64 instead of uint8; of values in [0, 1], `(255 * images)."
        "round().astype('uint8')`",
    ),
    "channels first": (
        of_arrays(images=np.zeros((80, 3, 9, 9), np.uint8)),
        "images have the shape (80, 3, 9, 9) instead of (N, H, W) or (N, H, W, 3)",
    ),
    "small": (
        of_arrays(images=np.zeros((80, 3, 9), np.uint8)),
        "images have 3 x 9 pixels; 4 to 64 are allowed: `size: [height, width]` in dataset.yaml",
    ),
    "no array": (
        lambda f: np.savez(f / "images.npz", x=np.zeros(3)),
        "datasets/mine/images.npz: holds x; it must hold images and labels, or train_images, ",
    ),
    "no zip": (
        lambda f: (f / "images.npz").write_text("no"),
        "datasets/mine/images.npz: cannot be read: ",
    ),
    "no images": (
        of_arrays(images=np.zeros((0, 8, 8), np.uint8), labels=np.zeros(0, int)),
        "datasets/mine: there are no images: the shapes are (0, 8, 8) and (0,)",
    ),
    "no height": (
        lambda f: [
            of_arrays(images=np.zeros((80, 0, 8), np.uint8))(f),
            describe(f, "size: [8, 8]"),
        ],
        "datasets/mine: there are no images: the shapes are (80, 0, 8) and (80,)",
    ),
    "a pipe": (
        of_files(lambda f: os.mkfifo(f / "000/pipe.png")),
        "datasets/mine/000/pipe.png: is no file; delete it",
    ),
    "a program's format": (
        of_files(lambda f: (f / FIRST).write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n")),
        "datasets/mine/000/0000.png: is no image; repair or delete the file",
    ),
    "a loop of links": (
        of_files(lambda f: (f / "000/loop.png").symlink_to("loop.png")),
        "datasets/mine/000/loop.png: is a link that leads nowhere; delete it",
    ),
    "linked arrays": (
        lambda f: [
            of_arrays()(f.parent),
            (f / "images.npz").symlink_to(f.parent / "images.npz"),
        ],
        "datasets/mine/images.npz: is a link out of datasets/mine; copy the file instead",
    ),
    "a third split": (
        lambda f: [save_files(f / s, *bars()) for s in ("train", "test", "val")],
        "datasets/mine/val: beside train and test may be no other folder",
    ),
    "a name of two lines": (
        of_files(lambda f: (f / "000").rename(f / "two\nlines")),
        r"datasets/mine: 'two\nlines' is no name of a class: all of it must be visible",
    ),
    "an invisible name": (
        of_files(lambda f: (f / "000").rename(f / " ")),
        "' ' is no name of a cl",
    ),
    "other sizes in test": (
        lambda f: [save_files(f / "train", *bars()), save_files(f / "test", *letters())],
        "datasets/mine/test/002: is no class of the others",
    ),
    "pickled": (
        of_arrays(labels=np.array([{}] * 80)),
        "mine/images.npz: cannot be read: Object arr",
    ),
    "a class that is no folder": (
        of_files(lambda f: describe(f, "class_names: ['000', '001', '002']")),
        "datasets/mine: there is no folder 002, which dataset.yaml has",
    ),
    "a folder that is no class": (
        of_files(lambda f: [describe(f, "class_names: ['000', '001']"), (f / "002").mkdir()]),
        "datasets/mine/002: is no class of the others",
    ),
    "other counts": (
        of_files(lambda f: describe(f, "images: [1, 2]")),
        "datasets/mine: dataset.yaml says images: [1, 2]; there are [64, 16]",
    ),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_a_data_set_is_refused_in_a_line(folder, make, message) -> None:
    make(folder)
    assert message in refused()


WRONG_DESCRIPTIONS = {
    "titel: x": "titel is unknown: did you mean title?",
    "size: [28]": "size.1 is missing; it must be [height, width], each an integer from 4 to 64",
    "size: [28, 65]": "size.1 is 65; it must be [height, width], each an integer from 4 to 64",
    "channels: 2": "channels is 2; it must be 1 or 3",
    "test_fraction: 1": "test_fraction is 1; it must be a number between 0 and 1",
    "class_names: [0, 1]": "class_names.0 is 0; it must be a list of 2 to 1,000 texts; numbers",
    "class_names: [a]": "class_names is ['a']; it must be a list of 2 to 1,000 texts; numbers",
    "bundled: mnist": "bundled is 'mnist'; it must be mnist_5k or digits_8x8",
    "idx: {}": "idx.torchvision is missing; it must be the name of a class",
    "[1]": "must hold keys, among title, class_noun, ",
    "a: [": "is not a YAML file",
}


@pytest.mark.parametrize(("text", "message"), WRONG_DESCRIPTIONS.items())
def test_dataset_yaml_is_as_strict_as_params_yaml(folder, text, message) -> None:
    describe(folder, text)
    with pytest.raises(ParamsError) as caught:
        read_dataset("mine")
    first = str(caught.value).splitlines()[0]
    assert first.startswith("datasets/mine/dataset.yaml")
    assert message in first
