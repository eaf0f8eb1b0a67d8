"""The fully connected network: its layers, counted and built."""

import pytest
import torch
from torch import nn

from mnist_vae.model.networks import mlp


def widths(module: nn.Module) -> list[tuple[int, int]]:
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    return [(layer.in_features, layer.out_features) for layer in layers]


def test_the_decoder_mirrors_the_encoder() -> None:
    encoder, decoder = mlp.build(mlp.Params(hidden_dims=(5, 3)), latent_dim=2)
    assert widths(encoder) == [(784, 5), (5, 3), (3, 4)]
    assert widths(decoder) == [(2, 3), (3, 5), (5, 784)]


def test_one_hidden_layer_of_256_is_the_tutorials_network() -> None:
    # 784-256, 256-2 twice, 2-256, 256-784, each with its biases
    expected = (785 * 256) + 2 * (257 * 2) + (3 * 256) + (257 * 784)
    assert mlp.count_weights(mlp.Params(hidden_dims=(256,)), latent_dim=2) == expected


@pytest.mark.parametrize("hidden_dims", [(256,), (5, 3), (6, 6, 6)])
def test_count_weights_counts_those_that_are_built(hidden_dims) -> None:
    params = mlp.Params(hidden_dims=hidden_dims)
    modules = nn.ModuleList(mlp.build(params, latent_dim=3))
    built = sum(weight.numel() for weight in modules.parameters())
    assert mlp.count_weights(params, latent_dim=3) == built


def test_hidden_layers_are_rectified_and_outputs_are_not() -> None:
    torch.manual_seed(0)
    encoder, _ = mlp.build(mlp.Params(hidden_dims=(6,)), latent_dim=4)
    w1, b1, w2, b2 = encoder.state_dict().values()
    x = torch.rand(50, 784)
    hidden = (x @ w1.T + b1).clamp(min=0)
    assert (hidden == 0).any()
    assert (hidden > 0).any()
    torch.testing.assert_close(encoder(x), hidden @ w2.T + b2)
    assert (encoder(x) < 0).any()
