"""The VAE around its networks: the sample of z, the seed, the way to and from a file."""

import re

import numpy as np
import pytest
import torch
from committed import mlp_vae, params_with
from torch import nn

from mnist_vae.errors import DataError
from mnist_vae.files.weights import save_weights
from mnist_vae.model.networks import mlp
from mnist_vae.model.vae import VAE, build_vae, load_vae, pixels, sample_z


def test_z_is_z_mean_plus_eps_standard_deviations() -> None:
    z = sample_z(torch.tensor([[1.0]]), torch.tensor([[2.0]]).log() * 2, torch.tensor([[3.0]]))
    torch.testing.assert_close(z, torch.tensor([[7.0]]))


def test_the_encoders_output_is_z_mean_beside_z_log_var() -> None:
    vae = VAE(nn.Identity(), nn.Identity(), latent_dim=2)
    z_mean, z_log_var = vae.encode(torch.tensor([[1.0, 2.0, 3.0, 4.0]]))
    assert z_mean.tolist() == [[1, 2]]
    assert z_log_var.tolist() == [[3, 4]]


def test_forward_decodes_the_sample_of_z() -> None:
    vae = VAE(nn.Identity(), nn.Identity(), latent_dim=1)
    x = torch.tensor([[5.0, 0.0]])  # z_mean 5, standard deviation 1
    x_logits, z_mean, z_log_var = vae(x, torch.tensor([[0.5]]))
    assert (x_logits.item(), z_mean.item(), z_log_var.item()) == (5.5, 5.0, 0.0)


def test_pixels_are_rows_of_numbers_from_0_to_1() -> None:
    image = np.zeros((1, 28, 28), dtype=np.uint8)
    image[0, 1, 2], image[0, 27, 27] = 255, 51
    x = pixels(torch.from_numpy(image))
    assert x.shape == (1, 784)
    assert x.dtype == torch.float32
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


def test_the_model_file_rebuilds_the_network(tmp_path) -> None:
    params = params_with(latent_dim=3, model__mlp__hidden_dims=[5, 4])
    vae = build_vae(params.model, 3, seed=1)
    save_weights(tmp_path / "vae.pt", params, vae.state_dict())
    loaded = load_vae(tmp_path / "vae.pt", params)
    x, eps = torch.rand(4, 784), torch.randn(4, 3)
    for before, after in zip(vae(x, eps), loaded(x, eps), strict=True):
        assert torch.equal(before, after)
    assert not loaded.training


@pytest.mark.parametrize(
    ("latent_dim", "hidden_dims", "fault"),
    [
        (3, [256], r"encoder\.2\.weight is float32 \(4, 256\) instead of float32 \(6, 256\)"),
        (2, [256, 8], r"decoder\.4\.bias is missing"),
        (2, [8], r"encoder\.0\.weight is float32 \(256, 784\) instead of float32 \(8, 784\)"),
    ],
)
def test_weights_of_another_network_are_refused(tmp_path, latent_dim, hidden_dims, fault) -> None:
    """The file says that they are those of this network, as one that somebody made may."""
    params = params_with(latent_dim=latent_dim, model__mlp__hidden_dims=hidden_dims)
    path = tmp_path / "vae.pt"
    save_weights(path, params, mlp_vae(2, [256]).state_dict())
    with pytest.raises(DataError, match=rf"^{re.escape(str(path))}: .*{fault}; `dvc repro`"):
        load_vae(path, params)


def test_integer_buffers_come_back(tmp_path, monkeypatch) -> None:
    def build(*_: object) -> tuple[nn.Module, nn.Module]:
        return nn.Sequential(nn.Linear(784, 4), nn.BatchNorm1d(4)), nn.Linear(2, 784)

    monkeypatch.setattr(mlp, "build", build)
    params = params_with(latent_dim=2)
    vae = build_vae(params.model, 2, seed=0)
    vae.encode(torch.rand(8, 784))
    save_weights(tmp_path / "vae.pt", params, vae.state_dict())
    loaded = load_vae(tmp_path / "vae.pt", params).state_dict()
    assert loaded["encoder.1.num_batches_tracked"].item() == 1
    assert all(torch.equal(loaded[name], tensor) for name, tensor in vae.state_dict().items())
