"""Encoding and decoding in large batches against plain matrix products."""

import numpy as np
import torch
from torch import nn

from mnist_vae.analysis.inference import decode, encode
from mnist_vae.model import batches
from mnist_vae.model.vae import VAE


def linear_vae(latent_dim: int) -> VAE:
    torch.manual_seed(0)
    return VAE(nn.Linear(784, 2 * latent_dim), nn.Linear(latent_dim, 784), latent_dim)


def weights_of(module: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    weight, bias = (value.numpy().astype(np.float64) for value in module.state_dict().values())
    return weight, bias


def test_encode_gives_the_encoders_outputs_in_order(monkeypatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 3)
    images = np.random.default_rng(1).integers(0, 256, (10, 28, 28), dtype=np.uint8)
    vae = linear_vae(2)
    z_mean, z_log_var = encode(vae, images)
    weight, bias = weights_of(vae.encoder)
    expected = images.reshape(10, 784) / 255 @ weight.T + bias
    assert z_mean.dtype == z_log_var.dtype == np.float32
    np.testing.assert_allclose(z_mean, expected[:, :2], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(z_log_var, expected[:, 2:], rtol=1e-4, atol=1e-6)


def test_decode_gives_probabilities_and_keeps_the_leading_shape() -> None:
    vae = linear_vae(2)
    z = np.random.default_rng(0).standard_normal((3, 4, 2))
    x_mean = decode(vae, z)
    weight, bias = weights_of(vae.decoder)
    expected = 1 / (1 + np.exp(-(z @ weight.T + bias)))
    assert x_mean.shape == (3, 4, 28, 28)
    np.testing.assert_allclose(x_mean, expected.reshape(3, 4, 28, 28), rtol=1e-5)
