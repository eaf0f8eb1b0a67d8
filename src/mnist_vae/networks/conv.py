"""Strided convolutions, dense layers, and their mirror image of transposed convolutions, as in the
convolutional VAEs of Keras' and PyTorch's examples; Radford, Metz & Chintala 2016.

Layer normalisation (Ba, Kiros & Hinton 2016) of the dense layers allows a larger learning rate.
"""

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mnist_vae.errors import ParamsError
from mnist_vae.params.fields import Section, Shape, nonempty_list

if TYPE_CHECKING:
    from torch import nn

KERNEL, STRIDE, PADDING = 4, 2, 1  # twice the stride, so that each pixel is covered equally often
Channels = Annotated[int, Field(ge=1, le=4096, strict=True)]
Width = Annotated[int, Field(ge=1, le=65536, strict=True)]


class Params(Section):
    """Channels of each convolution, which halves height and width; widths of the dense layers after
    them. The decoder mirrors both."""

    channels: tuple[Channels, ...] = Field(
        strict=False,
        min_length=1,
        max_length=6,
        description="a list of one to six integers from 1 to 4096",
    )
    dense_dims: tuple[Width, ...] = nonempty_list(of="integers from 1 to 65536")


def sizes(params: Params, shape: Shape) -> list[tuple[int, int]]:
    """Height and width before, between and after the convolutions: 28, 14, 7, 3, 1 for a side of
    28. Raises ParamsError if they cannot be halved so often."""
    _, height, width = shape
    depths = range(len(params.channels) + 1)
    halved = [(height // STRIDE**depth, width // STRIDE**depth) for depth in depths]
    if 0 in halved[-1]:
        times = sum(0 not in size for size in halved) - 1
        raise ParamsError(
            f"model.conv.channels is {list(params.channels)}: each entry halves height and width, "
            f"and images of {height} x {width} can be halved {times} times"
        )
    return halved


def dense_widths(params: Params, shape: Shape) -> list[int]:
    """Of the values that the last convolution gives, and of the dense layers after it."""
    return [params.channels[-1] * math.prod(sizes(params, shape)[-1]), *params.dense_dims]


def count_weights(params: Params, latent_dim: int, shape: Shape) -> int:
    """Weights and biases of both networks. Raises ParamsError."""
    channels, widths = [shape[0], *params.channels], dense_widths(params, shape)
    kernels = sum(2 * KERNEL**2 * a * b + a + b for a, b in pairwise(channels))
    dense = sum((a + 1) * b + (b + 1) * a for a, b in pairwise(widths))
    return kernels + dense + (widths[-1] + 1) * 2 * latent_dim + (latent_dim + 1) * widths[-1]


def build(params: Params, latent_dim: int, shape: Shape) -> "tuple[nn.Module, nn.Module]":
    """(encoder, decoder), as networks/__init__.py describes them."""
    import torch
    from torch import nn

    def normalise(width: int) -> nn.Module:
        # The gradients of a scale and a shift would depend on the number of threads.
        return nn.LayerNorm(width, elementwise_affine=False)

    channels, widths = [shape[0], *params.channels], dense_widths(params, shape)
    size = sizes(params, shape)
    encoder: list[nn.Module] = [nn.Unflatten(1, shape)]
    for before, after in pairwise(channels):
        encoder += [nn.Conv2d(before, after, KERNEL, STRIDE, PADDING), nn.SiLU()]
    encoder += [nn.Flatten()]
    for before, after in pairwise(widths):
        encoder += [nn.Linear(before, after), normalise(after), nn.SiLU()]
    encoder += [nn.Linear(widths[-1], 2 * latent_dim)]

    decoder: list[nn.Module] = [nn.Linear(latent_dim, widths[-1])]
    for before, after in pairwise(reversed(widths)):
        decoder += [normalise(before), nn.SiLU(), nn.Linear(before, after)]
    decoder += [nn.Unflatten(1, (channels[-1], *size[-1]))]
    for depth in range(len(channels) - 1, 0, -1):
        odd = size[depth - 1][0] % STRIDE, size[depth - 1][1] % STRIDE
        given = channels[depth], channels[depth - 1], KERNEL, STRIDE, PADDING, odd
        decoder += [nn.SiLU(), nn.ConvTranspose2d(*given)]
    networks = nn.Sequential(*encoder), nn.Sequential(*decoder, nn.Flatten())
    # oneDNN computes in this order, and would otherwise copy each tensor into it and back.
    for network in networks:
        nn.utils.convert_conv2d_weight_memory_format(network, torch.channels_last)
    return networks
