"""Large batches give what one image at a time gives; the ELBO by hand on tiny weights."""

import math

import numpy as np
import pytest
import torch

from mnist_vae import inference
from mnist_vae.inference import decode, elbo_terms, encode, mean_kl_per_dim, mean_nats, stderr_nats
from mnist_vae.vae import VAE, build_vae


def images(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def constant_vae(z_mean: float, z_log_var: float, decoder_weight: float) -> VAE:
    """q(z|x) is the same for every x, and each logit is decoder_weight * relu(z)."""
    vae = build_vae("mlp", 1, [1], seed=0)
    with torch.no_grad():
        for parameter in vae.parameters():
            parameter.zero_()
        vae.encoder.layers[2].bias.copy_(torch.tensor([z_mean, z_log_var]))
        vae.decoder.layers[0].weight.fill_(1.0)
        vae.decoder.layers[2].weight.fill_(decoder_weight)
    return vae


def test_the_elbo_of_tiny_weights_is_that_by_hand() -> None:
    vae = constant_vae(z_mean=2.0, z_log_var=math.log(0.25), decoder_weight=0.5)
    white = np.full((3, 28, 28), 255, dtype=np.uint8)
    terms = elbo_terms(vae, white, np.random.default_rng(4), samples=2)
    eps = np.random.default_rng(4).standard_normal((2, 3, 1), dtype=np.float32).astype(float)
    logits = 0.5 * np.maximum(2.0 + 0.5 * eps[:, :, 0], 0)
    recon = 784 * np.log1p(np.exp(-logits)).mean(axis=0)
    kl = 0.5 * (4 + 0.25 - 1 - math.log(0.25))
    assert terms.recon_nats.tolist() == pytest.approx(recon, rel=1e-6)
    assert terms.kl_nats.tolist() == pytest.approx([kl] * 3)
    nats = mean_nats(terms)
    assert nats["neg_elbo_nats"] == pytest.approx(recon.mean() + kl, rel=1e-6)
    assert nats["neg_elbo_nats"] == pytest.approx(nats["recon_nats"] + nats["kl_nats"])
    assert stderr_nats(terms) == pytest.approx(np.std(recon, ddof=1) / math.sqrt(3), rel=1e-4)


def test_batches_do_not_change_the_estimate(monkeypatch) -> None:
    vae = build_vae("mlp", 2, [8], seed=0)
    whole = elbo_terms(vae, images(10), np.random.default_rng(0))
    monkeypatch.setattr(inference, "BATCH", 3)
    parts = elbo_terms(vae, images(10), np.random.default_rng(0))
    for a, b in zip(whole, parts, strict=True):
        torch.testing.assert_close(a, b)


def test_more_samples_leave_less_noise() -> None:
    vae = build_vae("mlp", 2, [8], seed=0)

    def spread(samples: int) -> float:
        runs = [
            mean_nats(elbo_terms(vae, images(4), np.random.default_rng(s), samples))["recon_nats"]
            for s in range(20)
        ]
        return float(np.std(runs))

    assert spread(16) < 0.5 * spread(1)


def test_encode_gives_the_encoders_outputs_in_order(monkeypatch) -> None:
    monkeypatch.setattr(inference, "BATCH", 3)
    vae = build_vae("mlp", 2, [8], seed=0)
    z_mean, z_log_var = encode(vae, images(10))
    assert z_mean.dtype == z_log_var.dtype == np.float32
    for i, image in enumerate(images(10)):
        one = vae.encoder(torch.from_numpy(image.reshape(1, 784) / np.float32(255)))
        np.testing.assert_allclose(z_mean[i], one[0][0].detach(), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(z_log_var[i], one[1][0].detach(), rtol=1e-4, atol=1e-6)


def test_decode_keeps_the_leading_shape() -> None:
    vae = build_vae("mlp", 2, [8], seed=0)
    z = np.random.default_rng(0).standard_normal((3, 4, 2))
    x_mean = decode(vae, z)
    assert x_mean.shape == (3, 4, 28, 28)
    logits = vae.decoder(torch.from_numpy(z[2, 1].astype(np.float32)))
    expected = torch.sigmoid(logits).detach().numpy().reshape(28, 28)
    np.testing.assert_allclose(x_mean[2, 1], expected, rtol=1e-5)


def test_mean_kl_per_dim_by_hand() -> None:
    z_mean = np.array([[1.0, 0.0], [3.0, 0.0]], dtype=np.float32)
    z_log_var = np.array([[0.0, 0.0], [0.0, math.log(2)]], dtype=np.float32)
    expected = [(0.5 * 1 + 0.5 * 9) / 2, 0.5 * (2 - 1 - math.log(2)) / 2]
    assert mean_kl_per_dim(z_mean, z_log_var) == pytest.approx(expected, rel=1e-6)
