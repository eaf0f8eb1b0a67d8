"""Strided convolutions, dense layers, and their mirror image of transposed convolutions, as in the
convolutional VAEs of Keras' and PyTorch's examples; Radford, Metz & Chintala 2016."""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mnist_vae.params.fields import Section, nonempty_list

if TYPE_CHECKING:
    from torch import nn

SIDE = 28
KERNEL, STRIDE, PADDING = 4, 2, 1  # twice the stride, so that each pixel is covered equally often
Channels = Annotated[int, Field(ge=1, le=4096, strict=True)]
Width = Annotated[int, Field(ge=1, le=65536, strict=True)]


class Params(Section):
    """Channels of each convolution, which halves the side; widths of the dense layers after them.
    The decoder mirrors both."""

    channels: tuple[Channels, ...] = Field(
        strict=False,
        min_length=1,
        max_length=4,
        description="a list of one to four integers from 1 to 4096: the side of 28 pixels can be "
        "halved four times",
    )
    dense_dims: tuple[Width, ...] = nonempty_list(of="integers from 1 to 65536")


def sides(params: Params) -> list[int]:
    """Of the images before, between and after the convolutions: 28, 14, 7, 3, 1."""
    return [SIDE // STRIDE**depth for depth in range(len(params.channels) + 1)]


def dense_widths(params: Params) -> list[int]:
    """Of the values that the last convolution gives, and of the dense layers after it."""
    return [params.channels[-1] * sides(params)[-1] ** 2, *params.dense_dims]


def count_weights(params: Params, latent_dim: int) -> int:
    """Weights and biases of both networks."""
    channels, widths = [1, *params.channels], dense_widths(params)
    kernels = sum(2 * KERNEL**2 * a * b + a + b for a, b in pairwise(channels))
    dense = sum((a + 1) * b + (b + 1) * a for a, b in pairwise(widths))
    return kernels + dense + (widths[-1] + 1) * 2 * latent_dim + (latent_dim + 1) * widths[-1]


def build(params: Params, latent_dim: int) -> "tuple[nn.Module, nn.Module]":
    """(encoder, decoder), as networks/__init__.py describes them."""
    import torch
    from torch import nn

    channels, side, widths = [1, *params.channels], sides(params), dense_widths(params)
    encoder: list[nn.Module] = [nn.Unflatten(1, (1, SIDE, SIDE))]
    for before, after in pairwise(channels):
        encoder += [nn.Conv2d(before, after, KERNEL, STRIDE, PADDING), nn.SiLU()]
    encoder += [nn.Flatten()]
    for before, after in pairwise(widths):
        encoder += [nn.Linear(before, after), nn.SiLU()]
    encoder += [nn.Linear(widths[-1], 2 * latent_dim)]

    decoder: list[nn.Module] = [nn.Linear(latent_dim, widths[-1])]
    for before, after in pairwise(reversed(widths)):
        decoder += [nn.SiLU(), nn.Linear(before, after)]
    decoder += [nn.Unflatten(1, (channels[-1], side[-1], side[-1]))]
    for depth in range(len(channels) - 1, 0, -1):
        odd = side[depth - 1] - STRIDE * side[depth]
        sizes = channels[depth], channels[depth - 1], KERNEL, STRIDE, PADDING, odd
        decoder += [nn.SiLU(), nn.ConvTranspose2d(*sizes)]
    networks = nn.Sequential(*encoder), nn.Sequential(*decoder, nn.Flatten())
    # oneDNN computes in this order, and would otherwise copy each tensor into it and back.
    for network in networks:
        nn.utils.convert_conv2d_weight_memory_format(network, torch.channels_last)
    return networks
