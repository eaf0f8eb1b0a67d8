"""The grid of z and its orientation, on a decoder whose answer is planted."""

from statistics import NormalDist

import numpy as np
import pytest
import torch

from mnist_vae.manifold import grid_z, make_manifold, quantiles
from mnist_vae.vae import build_vae


def test_quantiles_are_those_of_the_normal_distribution() -> None:
    expected = [NormalDist().inv_cdf(level) for level in (0.05, 0.275, 0.5, 0.725, 0.95)]
    assert quantiles(5) == pytest.approx(expected)
    assert quantiles(1) == pytest.approx([0.0])


def test_the_first_dimension_grows_to_the_right_and_the_second_upwards() -> None:
    z = grid_z(np.array([-1.0, 0.0, 1.0]), [1, 3], latent_dim=5)
    assert z.shape == (3, 3, 5)
    assert z[0, 0].tolist() == [0, -1, 0, 1, 0]  # top left: the first smallest, the second largest
    assert z[0, 2].tolist() == [0, 1, 0, 1, 0]
    assert z[2, 0].tolist() == [0, -1, 0, -1, 0]
    assert not z[:, :, [0, 2, 4]].any()


def test_one_dimension_makes_one_row() -> None:
    assert grid_z(np.array([-1.0, 1.0]), [0], latent_dim=1).tolist() == [[[-1.0], [1.0]]]


def planted_vae(latent_dim: int, dim: int):
    """Every pixel is sigmoid(z_dim)."""
    vae = build_vae("mlp", latent_dim, [2], seed=0)
    with torch.no_grad():
        for parameter in vae.decoder.parameters():
            parameter.zero_()
        vae.decoder.layers[0].weight[0, dim] = 1.0  # relu(z) - relu(-z) = z
        vae.decoder.layers[0].weight[1, dim] = -1.0
        vae.decoder.layers[2].weight[:, 0] = 1.0
        vae.decoder.layers[2].weight[:, 1] = -1.0
    return vae


def test_a_planted_dimension_brightens_to_the_right_or_upwards() -> None:
    kl = np.array([0.0, 3.0, 0.1, 2.0])
    right = make_manifold(planted_vae(4, dim=1), kl, grid=5).x_mean[..., 0, 0]
    upwards = make_manifold(planted_vae(4, dim=3), kl, grid=5).x_mean[..., 0, 0]
    held = make_manifold(planted_vae(4, dim=0), kl, grid=5).x_mean
    assert (np.diff(right, axis=1) > 0.01).all()
    assert np.ptp(right, axis=0).max() < 1e-6
    assert (np.diff(upwards, axis=0) < -0.01).all()  # rows are counted from the top
    assert np.ptp(upwards, axis=1).max() < 1e-6
    assert np.ptp(held) < 1e-6
