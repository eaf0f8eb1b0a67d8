"""Encoding and decoding in large batches against plain matrix products."""

import numpy as np
from default_run import MNIST_SHAPE
from torch import nn

from mnist_vae.model import batches
from mnist_vae.model.inference import decode, encode
from mnist_vae.model.vae import VAE


def test_both_are_the_products_with_the_weights_in_the_order_of_their_rows(monkeypatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 3)
    vae = VAE(nn.Linear(784, 4), nn.Linear(2, 784), latent_dim=2, shape=MNIST_SHAPE)
    w_1, b_1, w_2, b_2 = (v.double().numpy() for v in vae.state_dict().values())
    images = np.random.default_rng(1).integers(0, 256, (10, 28, 28), dtype=np.uint8)
    z_mean, z_log_var = encode(vae, images)
    expected = images.reshape(10, 784) / 255 @ w_1.T + b_1
    assert z_mean.dtype == z_log_var.dtype == np.float32
    np.testing.assert_allclose(z_mean, expected[:, :2], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(z_log_var, expected[:, 2:], rtol=1e-4, atol=1e-6)

    z = np.random.default_rng(0).standard_normal((3, 4, 2))
    expected = 1 / (1 + np.exp(-(z @ w_2.T + b_2)))
    np.testing.assert_allclose(decode(vae, z), expected.reshape(3, 4, 28, 28), rtol=1e-5)
