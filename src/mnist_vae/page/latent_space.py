"""The latent space as the page has it: codes, planes, and the images themselves."""

import base64
from typing import Any

import numpy as np

from mnist_vae import random_streams
from mnist_vae.analysis.latents import by_kl
from mnist_vae.analysis.planes import Plane, planes
from mnist_vae.files.png import data_url, encode_png
from mnist_vae.page.loaded_run import Run

DIMS = 64  # with sliders, and by which neighbours are found, the largest KL first
LEVELS = 2**16 - 1  # of a code between its dimension's least and largest


def shown_images(count: int, at_most: int) -> np.ndarray:
    """Which of `count` test images the page holds, in their order."""
    return np.sort(random_streams.scatter_points().permutation(count)[:at_most])


def latent_space(run: Run, shown: np.ndarray) -> dict[str, Any]:
    """What the page holds of the test images `shown`, and of the planes."""
    z_mean = run.latents.test_z_mean[shown]
    dims = by_kl(run.kl, DIMS)
    return {
        "index": packed(shown.astype("<u4")),
        "labels": packed(little_endian(run.labels[shown])),
        "predicted": packed(little_endian(run.predicted[shown])),
        "pixelsPredicted": packed(little_endian(run.pixels_predicted[shown])),
        "nats": packed(run.nats[shown].astype("<f4")),
        "dims": dims,
        "codes": quantised(z_mean[:, dims]),
        "planes": page_planes(run, z_mean, shown),
        "pictures": data_url(encode_png(sheet(run.images[shown]))),
    }


def sheet(images: np.ndarray) -> np.ndarray:
    """Images (N, H, W[, 3]) as one picture, with a line for each."""
    count, height, width, *colours = images.shape
    return images.reshape(count, height * width, *colours)


def little_endian(labels: np.ndarray) -> np.ndarray:
    return labels.astype(labels.dtype.newbyteorder("<"))


def packed(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


def quantised(codes: np.ndarray) -> dict[str, str]:
    """Codes (N, dims) in 16 bits: the least of each dimension, the step, and how many steps."""
    low = codes.min(axis=0).astype("<f4")
    step = ((codes.max(axis=0) - low) / LEVELS).astype("<f4")
    steps = np.rint((codes - low) / np.where(step > 0, step, 1))
    steps = steps.clip(0, LEVELS).astype("<u2")
    return {"low": packed(low), "step": packed(step), "steps": packed(steps)}


def page_planes(run: Run, z_mean: np.ndarray, shown: np.ndarray) -> list[dict[str, Any]]:
    """The scatter's planes, with the map from z to the plane and a way back.

    A plane is an affine map of z: where it puts 0 and the unit vectors says all of it.
    """
    latent_dim = z_mean.shape[1]
    if latent_dim == 1:
        return [strip(run, z_mean, shown)]
    corners = np.vstack([np.zeros(latent_dim), np.eye(latent_dim)]).astype(np.float32)
    rows = np.vstack([corners, z_mean])
    labels = np.concatenate([np.zeros(len(corners), run.labels.dtype), run.labels[shown]])
    train = run.latents.train_z_mean, run.latents.train_labels
    return [described(plane, z_mean) for plane in planes(*train, rows, labels)]


def way_back(forward: np.ndarray, z_mean: np.ndarray) -> np.ndarray:
    """(latent_dim, 2): how z changes with the place on the plane, a right
    inverse of `forward` (2, latent_dim). Of all such maps, the least-squares fit to z_mean (N,
    latent_dim): the shortest one would lead along dimensions in which z_mean hardly varies, and no
    image would change."""
    centred = z_mean.astype(np.float64) - z_mean.mean(axis=0, dtype=np.float64)
    spread = centred.T @ centred / len(z_mean)
    spread += 1e-6 * max(np.trace(spread) / len(spread), 1e-6) * np.eye(len(spread))
    return spread @ forward.T @ np.linalg.pinv(forward @ spread @ forward.T)


def described(plane: Plane, z_mean: np.ndarray) -> dict[str, Any]:
    points, latent_dim = plane.points.astype(np.float64), z_mean.shape[1]
    origin, forward = points[0], (points[1 : latent_dim + 1] - points[0]).T
    return {
        "basis": " ".join(plane.basis.split()),
        "axes": plane.axes,
        "classes": False,
        "origin": origin.tolist(),
        "forward": packed(forward.astype("<f4")),
        "back": packed(way_back(forward, z_mean).astype("<f4")),
        "view": square(points[latent_dim + 1 :]),
        "points": packed(points[latent_dim + 1 :].astype("<f4")),
    }


def square(points: np.ndarray) -> list[list[float]]:
    """The limits of x and of y within which all `points` (N, 2) lie, as far apart on both axes, as
    in the scatter."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, 0.54 * max((high - low).max(), 1e-3)
    return np.stack([middle - half, middle + half], axis=1).tolist()


def strip(run: Run, z_mean: np.ndarray, shown: np.ndarray) -> dict[str, Any]:
    """One dimension, with a row for each class; within it, heights that tell points apart."""
    golden = (shown * 0.6180339887498949) % 1  # evenly spread, whichever images there are
    height = run.labels[shown] + 0.7 * (golden - 0.5)
    points = np.column_stack([z_mean[:, 0], height])
    low, high = float(z_mean.min()), float(z_mean.max())
    margin = 0.04 * max(high - low, 1e-3)
    return {
        "basis": "",
        "axes": ("z_1", run.dataset.class_noun),
        "classes": True,
        "origin": [0.0, 0.0],
        "forward": packed(np.array([[1.0], [0.0]], "<f4")),
        "back": packed(np.array([[1.0, 0.0]], "<f4")),
        "view": [[low - margin, high + margin], [-0.9, len(run.dataset.class_names) - 0.1]],
        "points": packed(points.astype("<f4")),
    }
