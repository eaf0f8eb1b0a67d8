"""The network: its shapes, the sample of z, the way to and from a file."""

import pytest
import torch
from conftest import params_with
from torch import nn

from mnist_vae.artifacts import load_model, save_model
from mnist_vae.errors import DataError
from mnist_vae.params import ModelParams
from mnist_vae.vae import ARCHITECTURES, build_vae, restore_vae, sample_z


@pytest.mark.parametrize("latent_dim", [1, 2, 7, 64])
@pytest.mark.parametrize("hidden_dims", [[256], [5, 3], [6, 6, 6]])
def test_shapes(latent_dim, hidden_dims) -> None:
    vae = build_vae("mlp", latent_dim, hidden_dims, seed=0)
    x_logits, z_mean, z_log_var = vae(torch.rand(4, 784), torch.randn(4, latent_dim))
    assert x_logits.shape == (4, 784)
    assert z_mean.shape == z_log_var.shape == (4, latent_dim)


def test_the_decoder_mirrors_the_encoder() -> None:
    vae = build_vae("mlp", 2, [5, 3], seed=0)

    def widths(module: nn.Module) -> list[tuple[int, int]]:
        layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
        return [(layer.in_features, layer.out_features) for layer in layers]

    assert widths(vae.encoder) == [(784, 5), (5, 3), (3, 4)]
    assert widths(vae.decoder) == [(2, 3), (3, 5), (5, 784)]


def test_the_default_is_the_tutorials_network() -> None:
    weights = sum(p.numel() for p in build_vae("mlp", 2, [256], seed=0).parameters())
    # 784-256, 256-2 twice, 2-256, 256-784, each with its biases
    assert weights == (785 * 256) + 2 * (257 * 2) + (3 * 256) + (257 * 784)


def test_z_is_z_mean_plus_eps_standard_deviations() -> None:
    z = sample_z(torch.tensor([[1.0]]), torch.tensor([[2.0]]).log() * 2, torch.tensor([[3.0]]))
    torch.testing.assert_close(z, torch.tensor([[7.0]]))


def test_the_seed_decides_the_weights() -> None:
    def first(seed: int) -> torch.Tensor:
        return next(build_vae("mlp", 2, [4], seed).parameters())

    assert torch.equal(first(1), first(1))
    assert not torch.equal(first(1), first(2))


def test_the_model_file_rebuilds_the_network(tmp_path) -> None:
    params = params_with(tmp_path, latent_dim=3, model__hidden_dims=[5, 4])
    vae = build_vae("mlp", 3, [5, 4], seed=1)
    save_model(tmp_path / "vae.pt", params, vae.state_dict())
    restored = restore_vae(params, load_model(tmp_path / "vae.pt", params))
    x, eps = torch.rand(4, 784), torch.randn(4, 3)
    for before, after in zip(vae(x, eps), restored(x, eps), strict=True):
        assert torch.equal(before, after)


def test_weights_of_another_network_are_refused(tmp_path) -> None:
    params = params_with(tmp_path, latent_dim=3)
    with pytest.raises(
        DataError, match=r"of this network: size mismatch for encoder\.layers\.2\.weight"
    ):
        restore_vae(params, build_vae("mlp", 2, [256], seed=1).state_dict())


def test_params_allow_the_architectures_that_exist() -> None:
    allowed = ModelParams.model_fields["architecture"].annotation.__args__
    assert set(allowed) == set(ARCHITECTURES)
