"""Each file of networks/ keeps what its __init__.py promises, whichever files there are."""

import math
from typing import Any

import pytest
import torch
from default_run import MNIST_SHAPE, params_with
from torch import nn

from mnist_vae.errors import ParamsError
from mnist_vae.networks import mlp
from mnist_vae.params.plugins import NETWORKS, load_plugin, names_in

# As committed, and at the ends of what the sections allow
OPTIONS = [*((name, {}) for name in names_in(NETWORKS)), ("mlp", {"hidden_dims": [6, 5, 4]})]
OPTIONS += [("conv", {"channels": [2, 3, 4, 5], "dense_dims": [6, 7]}), ("conv", {"channels": [3]})]
OPTIONS += [("residual", {"width": 5, "blocks": 0}), ("residual", {"width": 2, "blocks": 3})]


def options_of(name: str, changes: dict[str, Any]) -> Any:
    keys = {f"model__{name}__{key}": value for key, value in changes.items()}
    return params_with(model__network=name, **keys).model.options


def build(name: str, options: Any, latent_dim: int, shape=MNIST_SHAPE) -> nn.ModuleList:
    """The encoder and the decoder."""
    torch.manual_seed(0)
    return nn.ModuleList(load_plugin(NETWORKS, name).build(options, latent_dim, shape))


# Channels, height, width: square, odd, prime, not square, the smallest and the largest
SHAPES = [MNIST_SHAPE, (3, 32, 32), (1, 5, 23), (1, 31, 17), (3, 4, 4), (1, 64, 64), (3, 29, 6)]


@pytest.mark.parametrize(("name", "changes"), OPTIONS)
@pytest.mark.parametrize(("latent_dim", "shape"), [(1, MNIST_SHAPE), *((7, s) for s in SHAPES)])
def test_the_shapes_and_the_number_of_weights_are_as_promised(
    name, changes, latent_dim, shape
) -> None:
    options = options_of(name, changes)
    if 2 ** len(changes.get("channels", [])) > min(shape[1:]):
        with pytest.raises(ParamsError, match=r"can be halved 2 times$"):
            build(name, options, latent_dim, shape)
        return
    encoder, decoder = both = build(name, options, latent_dim, shape)
    values = math.prod(shape)
    for batch in (1, 5):
        code, x_logits = encoder(torch.rand(batch, values)), decoder(torch.randn(batch, latent_dim))
        assert code.shape == (batch, 2 * latent_dim)
        assert x_logits.shape == (batch, values)
        assert code.dtype == x_logits.dtype == torch.float32
    counted = load_plugin(NETWORKS, name).count_weights(options, latent_dim, shape)
    assert counted == sum(weight.numel() for weight in both.parameters())


def test_one_hidden_layer_of_256_is_the_tutorials_network() -> None:
    # 784-256, 256-2 twice, 2-256, 256-784, each with its biases
    expected = (785 * 256) + 2 * (257 * 2) + (3 * 256) + (257 * 784)
    assert mlp.count_weights(mlp.Params(hidden_dims=(256,)), 2, MNIST_SHAPE) == expected


def test_the_mlps_decoder_mirrors_its_encoder_and_only_hidden_layers_are_rectified() -> None:
    encoder, decoder = build("mlp", mlp.Params(hidden_dims=(6, 5)), 2)
    w1, b1, w2, b2, w3, b3 = encoder.state_dict().values()
    x = torch.rand(50, 784)
    first = (x @ w1.T + b1).clamp(min=0)
    code = (first @ w2.T + b2).clamp(min=0) @ w3.T + b3
    torch.testing.assert_close(encoder(x), code)
    assert (first == 0).any()
    assert (code < 0).any()
    assert [tuple(w.shape) for w in decoder.parameters() if w.dim() == 2] == [
        (5, 2),
        (6, 5),
        (784, 6),
    ]
