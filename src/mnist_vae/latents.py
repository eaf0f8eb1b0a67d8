"""What is in the codes: which dimensions carry something, and a plane to look at them."""

from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

ACTIVE = 0.01  # variance of z_mean over the images; Burda, Grosse & Salakhutdinov 2016, section 5


class Plane(NamedTuple):
    """points (N, 2), the names of its two axes, and the share of the variance that each explains,
    where the plane is one of principal components."""

    points: np.ndarray
    axes: tuple[str, str]
    explained: tuple[float, float] | None = None


def active_units(z_mean: np.ndarray) -> int:
    """How many dimensions of z_mean (N, latent_dim) vary over the images."""
    return int((z_mean.astype(np.float64).var(axis=0) > ACTIVE).sum())


def largest_dims(kl_nats_per_dim: np.ndarray) -> list[int]:
    """The (at most two) dimensions with the largest KL, in their own order."""
    return sorted(np.argsort(-kl_nats_per_dim, kind="stable")[:2].tolist())


def plane(train_z_mean: np.ndarray, z_mean: np.ndarray, labels: np.ndarray, threads: int) -> Plane:
    """Where to draw each row of `z_mean` (N, latent_dim).

    One dimension: along it, at the height of its digit. Two: as they are. More: on the two
    principal components of `train_z_mean`.
    """
    latent_dim = z_mean.shape[1]
    if latent_dim == 1:
        return Plane(np.column_stack([z_mean[:, 0], labels]), ("z_1", "digit"))
    if latent_dim == 2:
        return Plane(z_mean, ("z_1", "z_2"))
    from sklearn.decomposition import PCA  # 1.3 s to load, needed here alone

    with threadpool_limits(threads):  # their number decides the bytes
        pca = PCA(n_components=2, svd_solver="covariance_eigh")
        pca.fit(train_z_mean.astype(np.float64))
        points = pca.transform(z_mean.astype(np.float64))
    first, second = np.nan_to_num(pca.explained_variance_ratio_).tolist()
    axes = ("first principal component", "second principal component")
    return Plane(points, axes, (first, second))


def first_of_each_digit(labels: np.ndarray) -> np.ndarray:
    """Indices (2, 10) of the first two images of each digit."""
    return np.array([np.flatnonzero(labels == digit)[:2] for digit in range(10)]).T
