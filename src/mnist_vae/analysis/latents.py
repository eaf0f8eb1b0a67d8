"""Which dimensions carry information, and where the classes lie."""

import numpy as np

ACTIVE = 0.01  # variance of z_mean over the images; Burda, Grosse & Salakhutdinov 2016, section 5
ACTIVE_RULE = f"active: variance of z_mean > {ACTIVE}"


def is_active(z_mean: np.ndarray) -> np.ndarray:
    """Which dimensions of z_mean (N, latent_dim) vary over the images, shape (latent_dim,)."""
    return z_mean.astype(np.float64).var(axis=0) > ACTIVE


def by_kl(kl: np.ndarray, count: int) -> list[int]:
    """The `count` dimensions of largest `kl` (latent_dim,), or all, the largest first."""
    return np.argsort(-kl, kind="stable")[:count].tolist()


def class_means(z_mean: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mean of z_mean (N, latent_dim) over each class, (10, latent_dim)."""
    return np.array([z_mean[labels == label].mean(axis=0) for label in range(10)])


def first_of_each_class(labels: np.ndarray) -> np.ndarray:
    """Indices (2, 10) of the first two images of each class."""
    return np.array([np.flatnonzero(labels == label)[:2] for label in range(10)]).T
