"""Planes on which to look at the latent space."""

from typing import NamedTuple

import numpy as np

from mnist_vae.analysis.latents import is_active


class Plane(NamedTuple):
    """points (N, 2), the names of the two axes, and what they are."""

    points: np.ndarray
    axes: tuple[str, str]
    basis: str = ""


def planes(
    train_z_mean: np.ndarray, train_labels: np.ndarray, z_mean: np.ndarray, labels: np.ndarray
) -> list[Plane]:
    """Where to draw each row of `z_mean` (N, latent_dim).

    One dimension: along it, at the height of its class. Two: as they are. More: on the first two
    principal components, which know no classes, and on the plane that separates the classes best;
    both are fitted on the training images.
    """
    latent_dim = z_mean.shape[1]
    if latent_dim == 1:
        return [Plane(np.column_stack([z_mean[:, 0], labels]), ("z_1", "class"))]
    if latent_dim == 2:
        return [Plane(z_mean, ("z_1", "z_2"))]
    train, test = train_z_mean.astype(np.float64), z_mean.astype(np.float64)
    found = [principal_plane(train, test)]
    if is_active(train).any():
        found.append(discriminant_plane(train, train_labels, test))
    return found


def principal_plane(train: np.ndarray, test: np.ndarray) -> Plane:
    """The two directions in which the training images' codes vary most."""
    from sklearn.decomposition import PCA  # takes 1.3 s to load, needed only here

    pca = PCA(n_components=2, svd_solver="covariance_eigh").fit(train)
    first, second = np.nan_to_num(pca.explained_variance_ratio_).tolist()
    axes = f"first component ({first:.0%})", f"second component ({second:.0%})"
    basis = f"PCA: {first + second:.0%} of the variance\nof the training images' codes"
    return Plane(pca.transform(test), axes, basis)


def widest_beside(direction: np.ndarray, train: np.ndarray) -> np.ndarray:
    """The direction at right angles to another in which the codes (N, D) vary most, (D,)."""
    unit = direction / np.linalg.norm(direction)
    rest = train - np.outer(train @ unit, unit)
    _, vectors = np.linalg.eigh(np.cov(rest, rowvar=False))
    return vectors[:, -1] * np.sign(vectors[np.abs(vectors[:, -1]).argmax(), -1])


def discriminant_plane(train: np.ndarray, train_labels: np.ndarray, test: np.ndarray) -> Plane:
    """The two directions in which the classes of the training images lie furthest apart, measured
    by their spread; of the active dimensions, for a constant one has no spread."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    active = is_active(train)
    lda = LinearDiscriminantAnalysis().fit(train[:, active], train_labels)
    found = lda.transform(test[:, active])[:, :2]
    points = np.zeros((len(test), 2))  # a single active dimension gives a single direction
    points[:, : found.shape[1]] = found
    axes = "first discriminant", "second discriminant"
    if found.shape[1] == 1 and active.sum() > 1:  # two classes have a single discriminant
        points[:, 1] = test[:, active] @ widest_beside(lda.scalings_[:, 0], train[:, active])
        axes = "the discriminant", "the widest direction beside it"
    return Plane(points, axes, "LDA: fitted on the training images'\ncodes and labels")
