"""Fully connected layers; Kingma & Welling 2014, appendix C, with ReLU for tanh."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mnist_vae.params.fields import Section, nonempty_list

if TYPE_CHECKING:
    from torch import nn

PIXELS = 28 * 28
Width = Annotated[int, Field(ge=1, le=65536, strict=True)]


class Params(Section):
    """Widths of the encoder's hidden layers; the decoder mirrors them."""

    hidden_dims: tuple[Width, ...] = nonempty_list(of="integers from 1 to 65536")


def encoder_widths(params: Params, latent_dim: int) -> list[int]:
    return [PIXELS, *params.hidden_dims, 2 * latent_dim]


def decoder_widths(params: Params, latent_dim: int) -> list[int]:
    return [latent_dim, *reversed(params.hidden_dims), PIXELS]


def count_weights(params: Params, latent_dim: int) -> int:
    """Weights and biases of both networks."""
    layers = [
        *pairwise(encoder_widths(params, latent_dim)),
        *pairwise(decoder_widths(params, latent_dim)),
    ]
    return sum((before + 1) * after for before, after in layers)


def build(params: Params, latent_dim: int) -> "tuple[nn.Module, nn.Module]":
    """(encoder, decoder), as networks/__init__.py describes them."""
    return (
        layers(encoder_widths(params, latent_dim)),
        layers(decoder_widths(params, latent_dim)),
    )


def layers(widths: Sequence[int]) -> "nn.Sequential":
    """Linear layers of these widths, with a ReLU between each two."""
    from torch import nn

    modules: list[nn.Module] = []
    for before, after in pairwise(widths):
        modules += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*modules[:-1])
