"""Fully connected layers; Kingma & Welling 2014, appendix C, with ReLU for tanh."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mnist_vae.params.fields import Section, Shape, nonempty_list

if TYPE_CHECKING:
    from torch import nn

Width = Annotated[int, Field(ge=1, le=65536, strict=True)]


class Params(Section):
    """Widths of the encoder's hidden layers; the decoder mirrors them."""

    hidden_dims: tuple[Width, ...] = nonempty_list(of="integers from 1 to 65536")


def both_widths(params: Params, latent_dim: int, shape: Shape) -> tuple[list[int], list[int]]:
    """Of the encoder's layers, and of the decoder's."""
    values = math.prod(shape)
    return (
        [values, *params.hidden_dims, 2 * latent_dim],
        [latent_dim, *reversed(params.hidden_dims), values],
    )


def count_weights(params: Params, latent_dim: int, shape: Shape) -> int:
    """Weights and biases of both networks."""
    encoder, decoder = both_widths(params, latent_dim, shape)
    layers = [*pairwise(encoder), *pairwise(decoder)]
    return sum((before + 1) * after for before, after in layers)


def build(params: Params, latent_dim: int, shape: Shape) -> "tuple[nn.Module, nn.Module]":
    """(encoder, decoder), as networks/__init__.py describes them."""
    encoder, decoder = both_widths(params, latent_dim, shape)
    return layers(encoder), layers(decoder)


def layers(widths: Sequence[int]) -> "nn.Sequential":
    """Linear layers of these widths, with a ReLU between each two."""
    from torch import nn

    modules: list[nn.Module] = []
    for before, after in pairwise(widths):
        modules += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*modules[:-1])
