"""Grids and walks of z and their orientation, on a decoder whose answer is planted."""

import numpy as np
import pytest
import torch
from default_run import MNIST_SHAPE
from torch import nn

from mnist_vae.analysis.manifold import grid_z, make_grid, share_inside, steps, walk
from mnist_vae.model.vae import VAE


def planted_vae(latent_dim: int, dim: int) -> VAE:
    """Every pixel is sigmoid(z_dim)."""
    decoder = nn.Linear(latent_dim, 784, bias=False)
    with torch.no_grad():
        decoder.weight.zero_()
        decoder.weight[:, dim] = 1.0
    return VAE(nn.Linear(784, 2 * latent_dim), decoder, latent_dim, MNIST_SHAPE)


def test_steps_are_equal_and_reach_z_max_on_both_sides() -> None:
    assert steps(3.0, 5).tolist() == [-3.0, -1.5, 0.0, 1.5, 3.0]
    assert steps(3.0, 1).tolist() == [0.0]


def test_one_dimension_makes_one_row() -> None:
    assert grid_z(np.array([-1.0, 1.0]), latent_dim=1).tolist() == [[[-1.0], [1.0]]]


def test_a_planted_dimension_brightens_to_the_right_or_upwards() -> None:
    axis = steps(2.0, 5)
    right = make_grid(planted_vae(2, dim=0), axis).x_mean[..., 0, 0]
    upwards = make_grid(planted_vae(2, dim=1), axis).x_mean[..., 0, 0]
    assert (np.diff(right, axis=1) > 0.01).all()
    assert np.ptp(right, axis=0).max() < 1e-6
    assert (np.diff(upwards, axis=0) < -0.01).all()  # rows are counted from the top
    assert np.ptp(upwards, axis=1).max() < 1e-6


def test_a_walk_moves_one_dimension_and_holds_the_others_where_they_are() -> None:
    """Of the decoder's own dimension, 1: the first row walks it, the second holds it at 0.7."""
    z = np.array([[0.1, 0.2, 0.3, 0.4], [0.6, 0.7, 0.8, 0.9]])
    walks = walk(planted_vae(4, dim=1), z, [1, 3], steps(2.0, 3))
    sigmoid = 1 / (1 + np.exp([[2.0, 0.0, -2.0], [-0.7, -0.7, -0.7]]))
    assert walks.x_mean[..., 0, 0] == pytest.approx(sigmoid)
    assert walks.starts.tolist() == [0.2, 0.9]
    assert z[0].tolist() == [0.1, 0.2, 0.3, 0.4]


def test_the_share_inside_counts_images_within_the_square() -> None:
    z_mean = np.array([[0.0, 0.0], [2.9, -3.0], [3.1, 0.0], [0.0, -9.0]])
    assert share_inside(z_mean, 3.0) == 0.5
