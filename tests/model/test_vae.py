"""The VAE around its networks: the sample of z, the seed, the way to and from a file."""

import math
import re

import numpy as np
import pytest
import torch
from default_run import MNIST_SHAPE, mlp_vae, params_with
from torch import nn

from mnist_vae.errors import DataError
from mnist_vae.files.weights import save_weights
from mnist_vae.model.inference import decode
from mnist_vae.model.vae import VAE, build_vae, load_vae, overwrite_pixels, pixels
from mnist_vae.networks import mlp


def test_colours_come_first_and_go_last() -> None:
    """As torch's convolutions and as pictures have them."""
    images = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3), dtype=np.uint8)
    x = pixels(torch.from_numpy(images))
    assert x.shape == (2, 60)
    for image, row in zip(images, x, strict=True):
        planes = [image[..., colour].ravel() for colour in range(3)]
        np.testing.assert_allclose(row, np.concatenate(planes) / 255, rtol=1e-6)
    again = torch.empty_like(x)
    overwrite_pixels(again, torch.from_numpy(images))
    assert torch.equal(again, x)
    # a decoder that gives the logits of x back, whatever z is
    logits = torch.logit(x[0].double().clamp(0.01, 0.99)).float()
    decoder = nn.Linear(1, 60)
    decoder.weight.data.zero_()
    decoder.bias.data = logits
    vae = VAE(nn.Identity(), decoder, 1, (3, 4, 5))
    decoded = decode(vae, np.zeros((2, 3, 1), np.float32))
    assert decoded.shape == (2, 3, 4, 5, 3)
    np.testing.assert_allclose(decoded[1, 2], (images[0] / 255).clip(0.01, 0.99), atol=1e-5)


def test_forward_decodes_the_sample_of_z() -> None:
    """The encoder's output is z_mean, 1, beside the logarithm of a variance of 2 squared."""
    vae, log_var = VAE(nn.Identity(), nn.Identity(), 1, MNIST_SHAPE), 2 * math.log(2)
    x_logits, z_mean, z_log_var = vae(torch.tensor([[1.0, log_var]]), torch.tensor([[3.0]]))
    found = x_logits.item(), z_mean.item(), z_log_var.item()
    assert found == pytest.approx((7.0, 1.0, log_var))


def test_pixels_are_rows_of_numbers_from_0_to_1() -> None:
    image = np.zeros((1, 28, 28), dtype=np.uint8)
    image[0, 1, 2], image[0, 27, 27] = 255, 51
    x = pixels(torch.from_numpy(image))
    assert (x.shape, x.dtype) == ((1, 784), torch.float32)
    assert x[0, 28 + 2].item() == 1
    assert x[0, -1].item() == pytest.approx(0.2)
    assert x.sum().item() == pytest.approx(1.2)


def test_the_seed_decides_the_weights_whatever_was_drawn_before() -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.rand(seed + 1)
        return torch.cat([p.detach().flatten() for p in mlp_vae(2, [4], seed).parameters()])

    first, again, other = weights(1), weights(1), weights(2)
    assert torch.equal(first, again)
    assert not torch.isclose(first, other).any()


def test_the_model_file_rebuilds_the_network_with_its_buffers(tmp_path, monkeypatch) -> None:
    def build(*_: object) -> tuple[nn.Module, nn.Module]:
        return nn.Sequential(nn.Linear(784, 6), nn.BatchNorm1d(6)), nn.Linear(3, 784)

    monkeypatch.setattr(mlp, "build", build)
    params = params_with(latent_dim=3, seed=1)
    vae = build_vae(params.model, 3, seed=2, shape=MNIST_SHAPE)
    vae.encode(torch.rand(8, 784))
    save_weights(tmp_path / "vae.pt", params, MNIST_SHAPE, 0.5, vae.state_dict())
    loaded, x = load_vae(tmp_path / "vae.pt", params), torch.rand(4, 784)
    assert loaded.state_dict()["encoder.1.num_batches_tracked"].item() == 1
    assert all(
        torch.equal(a, b) for a, b in zip(loaded.encode(x), vae.eval().encode(x), strict=True)
    )
    assert not loaded.training


@pytest.mark.parametrize("hidden_dims", [[8], [256, 8]])
def test_weights_of_another_network_are_refused_in_a_line(tmp_path, hidden_dims) -> None:
    """The file says that they are those of this one, as after an edit of the network's code."""
    params, path = params_with(latent_dim=2, model__mlp__hidden_dims=hidden_dims), tmp_path / "a.pt"
    save_weights(path, params, MNIST_SHAPE, 0.5, mlp_vae(2, [256]).state_dict())
    message = rf"^{re.escape(str(path))}: is not of model\.network mlp: .*; `dvc repro` makes it"
    with pytest.raises(DataError, match=message) as caught:
        load_vae(path, params)
    assert "\n" not in str(caught.value)
