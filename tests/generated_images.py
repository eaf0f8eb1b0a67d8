"""Small data sets that tests draw: coloured shapes, letters, narrow bars, levels of grey."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

Labelled = tuple[np.ndarray, np.ndarray]
SHAPES = ("circle", "cross", "disc", "square")


def shapes(count: int = 160, seed: int = 0) -> Labelled:
    """uint8 (N, 32, 32, 3): four kinds, each in any colour, on a dim background."""
    rng, images = np.random.default_rng(seed), []
    labels = np.arange(count) % len(SHAPES)
    for label in labels:
        x, y, r = [*rng.integers(12, 20, 2).tolist(), int(rng.integers(6, 11))]
        image = Image.new("RGB", (32, 32), tuple(rng.integers(0, 60, 3).tolist()))
        draw, colour = ImageDraw.Draw(image), tuple(rng.integers(120, 256, 3).tolist())
        box = x - r, y - r, x + r, y + r
        if SHAPES[label] == "circle":
            draw.ellipse(box, outline=colour, width=2)
        elif SHAPES[label] == "disc":
            draw.ellipse(box, fill=colour)
        elif SHAPES[label] == "square":
            draw.rectangle(box, fill=colour)
        else:
            draw.line((x - r, y, x + r, y), fill=colour, width=3)
            draw.line((x, y - r, x, y + r), fill=colour, width=3)
        images.append(np.asarray(image))
    return np.stack(images), labels


def bars(count: int = 80, seed: int = 0) -> Labelled:
    """uint8 (N, 5, 23): a bar in the left or in the right half."""
    rng, labels = np.random.default_rng(seed), np.arange(count) % 2
    images = rng.integers(0, 40, (count, 5, 23), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        at = int(rng.integers(1, 9)) + 12 * label
        image[:, at : at + 2] = 255
    return images, labels


def letters(count: int = 260, seed: int = 0) -> Labelled:
    """uint8 (N, 28, 28): a rough shape for each of 26 classes, white on black."""
    rng, labels = np.random.default_rng(seed), np.arange(count) % 26
    rough = np.random.default_rng(1).random((26, 4, 4)) > 0.5
    images = np.zeros((count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        y, x = rng.integers(2, 7, 2)
        image[y : y + 20, x : x + 20] = 255 * np.kron(rough[label], np.ones((5, 5)))
    return images, labels


def digits(count: int = 100, seed: int = 0) -> Labelled:
    """uint8 (N, 8, 8) in ten classes, which differ in their level of grey."""
    rng, labels = np.random.default_rng(seed), np.arange(count) % 10
    noise = rng.integers(0, 20, (count, 8, 8))
    return (noise + 22 * labels[:, None, None]).astype(np.uint8), labels


DRAWN: dict[str, Callable[..., Labelled]] = {
    "shapes": shapes,
    "bars": bars,
    "letters": letters,
    "digits": digits,
}


def save_files(folder: Path, images: np.ndarray, labels: np.ndarray, names=None) -> list[Path]:
    """A PNG for each image, in the folder of its class."""
    paths = []
    for number, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
        path = folder / (names[label] if names else f"{label:03d}") / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
        paths.append(path)
    return paths
