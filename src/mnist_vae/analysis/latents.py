"""Which dimensions carry information, and where the classes lie."""

import numpy as np

ACTIVE = 0.01  # variance of z_mean over the images; Burda, Grosse & Salakhutdinov 2016, section 5
ACTIVE_RULE = f"variance of z_mean > {ACTIVE}"


def is_active(z_mean: np.ndarray) -> np.ndarray:
    """Which dimensions of z_mean (N, latent_dim) vary over the images, shape (latent_dim,)."""
    return z_mean.astype(np.float64).var(axis=0) > ACTIVE


def by_kl(kl: np.ndarray, count: int) -> list[int]:
    """The `count` dimensions of largest `kl` (latent_dim,), or all, the largest first."""
    return np.argsort(-kl, kind="stable")[:count].tolist()


def class_means(z_mean: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mean of z_mean (N, latent_dim) over each of K classes, (K, latent_dim)."""
    return np.array(
        [z_mean[labels == label].mean(axis=0) for label in range(int(labels.max()) + 1)]
    )


def some_classes(count: int, at_most: int) -> np.ndarray:
    """All of `count` classes, or so many, evenly spread from the first to the last."""
    return np.linspace(0, count - 1, min(count, at_most)).round().astype(int)


def first_of_each_class(labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Indices (2, K) of the first two images of each of K `classes`."""
    return np.array([np.flatnonzero(labels == label)[:2] for label in classes]).T
