"""Strided convolutions, a dense layer, and their mirror image of transposed convolutions, as in the
convolutional VAEs of Keras' and PyTorch's examples; Radford, Metz & Chintala 2016."""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mnist_vae.sections import Section, integer

if TYPE_CHECKING:
    from torch import nn

SIDE = 28
KERNEL, STRIDE, PADDING = 4, 2, 1  # twice the stride, so that all pixels get as many terms
Channels = Annotated[int, Field(ge=1, le=4096, strict=True)]


class Params(Section):
    """Channels of each convolution, which halves the side; the width of the dense layer."""

    channels: tuple[Channels, ...] = Field(
        strict=False,
        min_length=1,
        max_length=4,
        description="a list of one to four integers from 1 to 4096: the side of 28 pixels can be "
        "halved four times",
    )
    width: int = integer(1, 65536)


def sides(params: Params) -> list[int]:
    """Of the images before, between and after the convolutions: 28, 14, 7, 3, 1."""
    return [SIDE // STRIDE**depth for depth in range(len(params.channels) + 1)]


def count_weights(params: Params, latent_dim: int) -> int:
    """Weights and biases of both networks."""
    channels = [1, *params.channels]
    kernels = sum(2 * KERNEL**2 * a * b + a + b for a, b in pairwise(channels))
    flat, width = channels[-1] * sides(params)[-1] ** 2, params.width
    dense = (flat + 1) * width + (width + 1) * 2 * latent_dim
    dense += (latent_dim + 1) * width + (width + 1) * flat
    return kernels + dense


def build(params: Params, latent_dim: int) -> "tuple[nn.Module, nn.Module]":
    """(encoder, decoder), as model/networks/__init__.py describes them."""
    from torch import nn

    channels, side, width = [1, *params.channels], sides(params), params.width
    flat = channels[-1] * side[-1] ** 2
    down: list[nn.Module] = [nn.Unflatten(1, (1, SIDE, SIDE))]
    for before, after in pairwise(channels):
        down += [nn.Conv2d(before, after, KERNEL, STRIDE, PADDING), nn.SiLU()]
    up: list[nn.Module] = [nn.Unflatten(1, (channels[-1], side[-1], side[-1]))]
    for depth in range(len(channels) - 1, 0, -1):
        odd = side[depth - 1] - STRIDE * side[depth]
        sizes = channels[depth], channels[depth - 1], KERNEL, STRIDE, PADDING, odd
        up += [nn.SiLU(), nn.ConvTranspose2d(*sizes)]
    encoder = [*down, nn.Flatten(), nn.Linear(flat, width), nn.SiLU()]
    decoder = [nn.Linear(latent_dim, width), nn.SiLU(), nn.Linear(width, flat), *up, nn.Flatten()]
    return nn.Sequential(*encoder, nn.Linear(width, 2 * latent_dim)), nn.Sequential(*decoder)
