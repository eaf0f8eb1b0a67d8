"""A folder of image files for each class, as people keep their own."""

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from mnist_vae.errors import DataError, first_sentence
from mnist_vae.params.datasets import DESCRIPTION, FOLDER, MAX_SIDE, Description

MAX_PIXELS = 50_000_000  # of one file; a small one may unpack to gigabytes
TOO_LARGE = f"has more than {MAX_PIXELS / 1e6:.0f} million pixels; scale it down first"
LEFT_BY_SYSTEMS = "thumbs.db", "desktop.ini"  # and what begins with a dot
SPLITS = ["test", "train"]
FORMATS = "PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF"  # no others: one starts a program
SUFFIXES = ".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff"


class FoundImages(NamedTuple):
    """As `arrays` of readers/sources.py, with the names of the classes and what was converted."""

    arrays: tuple[np.ndarray, ...]
    class_names: list[str]
    notes: list[str]


def read_folder(folder: Path, stated: Description) -> FoundImages:
    """The images in `folder`/CLASS, or in its train/CLASS and test/CLASS. Raises DataError."""
    classes = folders_in(folder)
    others = sorted(path.name for path in classes if path.name not in SPLITS)
    split = len(classes) - len(others) == len(SPLITS)
    if split and others:
        raise DataError(
            f"{shown(folder / others[0])}: beside train and test may be no other folder"
        )
    roots = [folder / "train", folder / "test"] if split else [folder]
    names = class_names(roots, stated)
    files = [
        [(path, k) for k, name in enumerate(names) for path in files_in(root / name)]
        for root in roots
    ]
    images = {path: read_image(path, folder, stated.size) for part in files for path, _ in part}
    images, notes = alike(images, folder, stated)
    arrays = []
    for part in files:
        arrays.append(np.stack([images[path] for path, _ in part]))
        arrays.append(np.array([label for _, label in part]))
    return FoundImages(tuple(arrays), names, notes)


def shown(path: Path) -> str:
    """As messages name it: from datasets/ on, on one line."""
    parts = path.parts
    text = str(Path(*parts[parts.index(FOLDER.name) :])) if FOLDER.name in parts else str(path)
    return text if text.isprintable() else repr(text)


def expect_inside(path: Path, folder: Path) -> None:
    """Raises DataError for a link out of the data set, and for one that leads nowhere."""
    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of links
        raise DataError(f"{shown(path)}: is a link that leads nowhere; delete it") from None
    if not inside:
        raise DataError(f"{shown(path)}: is a link out of {shown(folder)}; copy the file instead")


def class_names(roots: list[Path], stated: Description) -> list[str]:
    """In the order of dataset.yaml, or of the alphabet. Raises DataError."""
    names = list(stated.class_names or in_order(path.name for path in folders_in(roots[0])))
    for root in roots:
        found = [path.name for path in folders_in(root)]
        if not found:
            raise DataError(
                f"{shown(root)}: holds no folder of images; each class is a folder in it"
            )
        for name in names:
            if name not in found:
                says = DESCRIPTION if stated.class_names else shown(roots[0])
                raise DataError(f"{shown(root)}: there is no folder {name}, which {says} has")
        if other := sorted(set(found) - set(names)):
            raise DataError(f"{shown(root / other[0])}: is no class of the others")
    return names


def in_order(names: Iterable[str]) -> list[str]:
    """By the alphabet; by size if all are numbers."""
    names = sorted(names)
    return sorted(names, key=int) if all(name.isdecimal() for name in names) else names


def entries(folder: Path) -> Iterator[Path]:
    """What lies in `folder`, but for what systems leave there, sorted. Raises DataError for a name
    that is not UTF-8."""
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"{shown(folder)}: cannot be read: {error.strerror}") from None
    for path in found:
        try:
            path.name.encode()
        except UnicodeEncodeError:
            raise DataError(f"{shown(folder)}: the name {path.name!a} is not UTF-8") from None
        if not path.name.startswith(".") and path.name.lower() not in LEFT_BY_SYSTEMS:
            yield path


def folders_in(folder: Path) -> list[Path]:
    """The classes. Raises DataError for images beside them."""
    found = list(entries(folder))
    for path in found:
        if path.is_file() and path.suffix.lower() in SUFFIXES:
            raise DataError(f"{shown(path)}: lies in no class; each class is a folder of images")
    return [path for path in found if path.is_dir()]


def files_in(folder: Path) -> list[Path]:
    """The images of one class. Raises DataError."""
    found = list(entries(folder))
    for path in found:
        if path.is_dir():
            raise DataError(f"{shown(path)}: a class holds images and no folders")
        if not path.is_file() and not path.is_symlink():  # a pipe would be waited for
            raise DataError(f"{shown(path)}: is no file; delete it")
    if not found:
        raise DataError(f"{shown(folder)}: the class is empty; fill or delete the folder")
    return found


def read_image(path: Path, folder: Path, size: tuple[int, int] | None = None) -> np.ndarray:
    """uint8 (H, W), or (H, W, 3) if it has colours, as a viewer shows it, scaled to `size` at once:
    many photographs would not fit into memory. Raises DataError."""
    expect_inside(path, folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a size that is refused below, or of odd metadata
            with Image.open(path, formats=FORMATS) as opened:
                refuse(opened)
                opened.load()
                image = pixels(ImageOps.exif_transpose(opened))
                return converted(image, 1 if image.ndim == 2 else 3, size or image.shape[:2])
    except DataError as error:
        raise DataError(f"{shown(path)}: {error}") from None
    except MemoryError:
        raise
    except Image.DecompressionBombError:
        raise DataError(f"{shown(path)}: {TOO_LARGE}") from None
    except Exception as error:  # Pillow documents no closed list
        said = f"{type(error).__name__}: {first_sentence(error)}"
        what = "is no image" if isinstance(error, Image.UnidentifiedImageError) else said
        raise DataError(f"{shown(path)}: {what}; repair or delete the file") from None


def refuse(image: Image.Image) -> None:
    """Raises DataError for what cannot be shown as one small picture of 8 bits a colour."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise DataError(TOO_LARGE)
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)  # a phone's preview
    if frames > 1:
        raise DataError(f"has {frames} frames; save the one that counts")
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV", "I", "F"):
        raise DataError(f"has the mode {image.mode}; save it as RGB or as grey with 8 bits")


def pixels(image: Image.Image) -> np.ndarray:
    """What a viewer shows, uint8. Raises DataError for what one sees through."""
    if image.mode.startswith("I;16") and "transparency" not in image.info:
        return np.rint(np.asarray(image) / 257).astype(np.uint8)
    if np.asarray(image.convert("RGBA"))[..., 3].min() < 255:
        raise DataError("some of its pixels are transparent; give it a background")
    if image.mode in ("1", "L", "LA"):
        return np.asarray(image.convert("L"))
    colours = np.asarray(image.convert("RGB"))
    return colours[..., 0] if (colours == colours[..., :1]).all() else colours


def alike(
    images: dict[Path, np.ndarray], folder: Path, stated: Description
) -> tuple[dict[Path, np.ndarray], list[str]]:
    """All with the same size and channels, and what was converted. Raises DataError."""
    coloured = {path for path, image in images.items() if image.ndim == 3}
    channels = stated.channels or (3 if coloured else 1)
    notes = []
    if channels == 1 and coloured:
        notes.append(f"{len(coloured):,} of {len(images):,} images lose their colours")
    elif coloured and channels == 3 and len(coloured) < len(images):
        grey = len(images) - len(coloured)
        notes.append(f"{grey:,} of {len(images):,} images are grey, beside others in colour")
    size = stated.size or common_size(images, folder)
    return {path: converted(image, channels, size) for path, image in images.items()}, notes


def common_size(images: dict[Path, np.ndarray], folder: Path) -> tuple[int, int]:
    """(height, width). Raises DataError where dataset.yaml must choose."""
    (first, image), *others = images.items()
    height, width = image.shape[:2]
    remedy = f"write `size: [height, width]` into {shown(folder)}/{DESCRIPTION}, and all are scaled"
    for path, other in others:
        if other.shape[:2] != (height, width):
            there = " x ".join(map(str, other.shape[:2]))
            raise DataError(
                f"{shown(path)}: has {there} pixels, {shown(first)} {height} x {width}; {remedy}"
            )
    if max(height, width) > MAX_SIDE:
        most = f"{MAX_SIDE} x {MAX_SIDE}"
        raise DataError(
            f"{shown(first)}: has {height} x {width} pixels, and {most} is the most; {remedy}"
        )
    return height, width


def converted(image: np.ndarray, channels: int, size: tuple[int, int]) -> np.ndarray:
    """With so many channels, scaled to `size` (height, width)."""
    if image.shape[:2] == size and channels == (1 if image.ndim == 2 else 3):
        return image
    picture = Image.fromarray(image).convert("L" if channels == 1 else "RGB")
    height, width = size
    return np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS))
