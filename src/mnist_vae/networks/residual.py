"""Residual blocks of two fully connected layers; He, Zhang, Ren & Sun 2016, pre-activation."""

import math
from typing import TYPE_CHECKING

from mnist_vae.params.fields import Section, Shape, integer

if TYPE_CHECKING:
    from torch import nn


class Params(Section):
    """The width of all hidden layers, and the blocks on either side."""

    width: int = integer(1, 65536)
    blocks: int = integer(0, 1000)


def count_weights(params: Params, latent_dim: int, shape: Shape) -> int:
    """Weights and biases of both networks."""
    width, values = params.width, math.prod(shape)
    block = 2 * (width + 1) * width
    ends = (values + 1) * width + (width + 1) * 2 * latent_dim
    ends += (latent_dim + 1) * width + (width + 1) * values
    return ends + 2 * params.blocks * block + 2 * 2 * width  # the last normalisation's


def build(params: Params, latent_dim: int, shape: Shape) -> "tuple[nn.Module, nn.Module]":
    """(encoder, decoder), as networks/__init__.py describes them."""
    values = math.prod(shape)
    return layers(values, params, 2 * latent_dim), layers(latent_dim, params, values)


def layers(before: int, params: Params, after: int) -> "nn.Sequential":
    """From `before` values to the hidden width, through the blocks, to `after` values."""
    from torch import nn

    width = params.width

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            # The layer after it has a scale and a shift of its own.
            self.norm = nn.LayerNorm(width, elementwise_affine=False)
            self.up, self.down = nn.Linear(width, width), nn.Linear(width, width)

        def forward(self, h):
            return h + self.down(nn.functional.silu(self.up(self.norm(h))))

    # LayerNorm's own scale and shift have gradients that depend on the number of threads.
    norm = nn.GroupNorm(1, width)
    blocks = [Block() for _ in range(params.blocks)]
    return nn.Sequential(
        nn.Linear(before, width), *blocks, norm, nn.SiLU(), nn.Linear(width, after)
    )
