"""The manifold and walks: points of the latent space in regular steps, decoded."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mnist_vae.model.inference import decode
from mnist_vae.model.vae import VAE


class Grid(NamedTuple):
    """x_mean (rows, columns, H, W[, 3]) as a picture reads: z_1 grows to the right and z_2, if
    there is one, upwards, both through the values `axis`."""

    x_mean: np.ndarray
    axis: np.ndarray


class Walks(NamedTuple):
    """x_mean (rows, columns, H, W[, 3]): in row r the dimension dims[r] takes the values `axis`,
    and the others stay where they are. `starts` (rows,) holds what it was at first."""

    x_mean: np.ndarray
    axis: np.ndarray
    dims: Sequence[int]
    starts: np.ndarray


def steps(z_max: float, count: int) -> np.ndarray:
    """`count` values of z, from -z_max to z_max in equal steps; a single one is 0.

    Not quantiles of N(0, 1) as in Kingma & Welling 2014, figure 4: those end where the density is
    low, which is where whole classes lie.
    """
    return np.linspace(-z_max, z_max, count) if count > 1 else np.zeros(1)


def make_grid(vae: VAE, axis: np.ndarray) -> Grid:
    """For a VAE of one or two dimensions."""
    return Grid(decode(vae, grid_z(axis, vae.latent_dim)), axis)


def grid_z(axis: np.ndarray, latent_dim: int) -> np.ndarray:
    """z (rows, columns, latent_dim) in the order of a picture. One dimension makes one row."""
    if latent_dim == 1:
        return axis[None, :, None]
    z_1, z_2 = np.meshgrid(axis, axis[::-1])
    return np.stack([z_1, z_2], axis=-1)


def walk(vae: VAE, z: np.ndarray, dims: Sequence[int], axis: np.ndarray) -> Walks:
    """From each of `z` (rows, latent_dim) along the dimension of `dims` (rows,) beside it."""
    rows = np.arange(len(z))
    points = np.repeat(z[:, None], len(axis), axis=1)
    points[rows, :, dims] = axis
    return Walks(decode(vae, points), axis, dims, z[rows, dims])


def share_inside(z_mean: np.ndarray, z_max: float) -> float:
    """The share of z_mean (N, dims) that lies within z_max of 0 in each dimension."""
    return float((np.abs(z_mean) <= z_max).all(axis=1).mean())
