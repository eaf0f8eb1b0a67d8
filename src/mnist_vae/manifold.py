"""A grid of normal quantiles -> z -> decoded tiles."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from mnist_vae.inference import decode
from mnist_vae.latents import largest_dims
from mnist_vae.vae import VAE

TAIL = 0.05  # the grid leaves out this much of N(0, 1) on either side


class Manifold(NamedTuple):
    """x_mean (rows, columns, 28, 28) as a picture reads: dims[0] grows to the right, dims[1], if
    there is one, upwards, both through the values `axis`. `kl` (latent_dim,) is in nats."""

    x_mean: np.ndarray
    axis: np.ndarray
    dims: Sequence[int]
    kl: np.ndarray


def make_manifold(vae: VAE, kl: np.ndarray, grid: int) -> Manifold:
    """The digits along the (at most) two dimensions with the largest `kl`; all others are 0."""
    dims, axis = largest_dims(kl), quantiles(grid)
    return Manifold(decode(vae, grid_z(axis, dims, vae.latent_dim)), axis, dims, kl)


def quantiles(grid: int) -> np.ndarray:
    """`grid` quantiles of N(0, 1), ascending, evenly spaced in probability; Kingma & Welling 2014,
    figure 4."""
    levels = np.linspace(TAIL, 1 - TAIL, grid) if grid > 1 else np.array([0.5])
    return ndtri(levels)


def grid_z(axis: np.ndarray, dims: Sequence[int], latent_dim: int) -> np.ndarray:
    """z (rows, columns, latent_dim) in the order of a picture. One dimension makes one row."""
    rows = axis[::-1] if len(dims) == 2 else np.zeros(1)
    z = np.zeros((len(rows), len(axis), latent_dim), dtype=np.float32)
    z[:, :, dims[0]] = axis
    if len(dims) == 2:
        z[:, :, dims[1]] = rows[:, None]
    return z
