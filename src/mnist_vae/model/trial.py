"""A network is tried on a few images before it is trained: a file of the user's own may have any
fault, and says so best in a line."""

import math
import sys
from typing import Any

import torch
from torch import Tensor

from mnist_vae.errors import WrongInputError
from mnist_vae.model.vae import VAE
from mnist_vae.params.plugins import NETWORKS, faults_in, file_of

IMAGES = 4


def try_network(vae: VAE) -> None:
    """Of a VAE of no further use, for trying may change it. Raises WrongInputError if the encoder
    or the decoder fails, gives another shape than networks/__init__.py says or what is not finite,
    or draws in evaluation mode; warns of a decoder that gives no logits."""
    file = file_of(NETWORKS, vae.network)
    with torch.inference_mode():
        x = torch.rand(IMAGES, math.prod(vae.shape), device=vae.device)
        z = torch.randn(IMAGES, vae.latent_dim, device=vae.device)
        outputs(vae.train(), x, z, file)
        first, second = (outputs(vae.eval(), x, z, file) for _ in range(2))
    for half, one, other in zip(("encoder", "decoder"), first, second, strict=True):
        if not torch.equal(one, other):
            raise WrongInputError(
                f"{file}: in evaluation mode, the {half} gives other values for the same input; "
                "there it must neither draw nor change itself"
            )
    _, x_logits = first
    if 0 <= x_logits.min() < x_logits.max() <= 1:
        print(
            f"warning: {file}: all that the decoder gives lies in [0, 1], as after a sigmoid; "
            "logits are wanted, to which the likelihood applies its own",
            file=sys.stderr,
        )


def outputs(vae: VAE, x: Tensor, z: Tensor, file: str) -> tuple[Tensor, Tensor]:
    """z_mean beside z_log_var, and x_logits. Raises WrongInputError."""
    given, width = output(vae, "encoder", x, file), z.shape[1]
    if isinstance(given, tuple) and len(given) == 2:
        names = ("z_mean", "z_log_var")
        parts = [
            expect(part, width, f"the encoder's {name}", file)
            for part, name in zip(given, names, strict=True)
        ]
        given = torch.cat(parts, dim=1)
    codes = expect(given, 2 * width, "the encoder's z_mean beside z_log_var", file)
    x_logits = output(vae, "decoder", 5 * z, file)
    return codes, expect(
        x_logits, x.shape[1], "the decoder's logit for each value of an image", file
    )


def output(vae: VAE, half: str, given: Tensor, file: str) -> Any:
    """Raises ParamsError with the line of the user's file at which it fails."""
    with faults_in(file, f"the {half} fails with {tuple(given.shape)}"):
        return getattr(vae, half)(given)


def expect(found: object, width: int, what: str, file: str) -> Tensor:
    """Raises WrongInputError."""
    shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
    if not isinstance(found, Tensor) or shape != (IMAGES, width):
        raise WrongInputError(f"{file}: {what}: {shape} instead of {(IMAGES, width)}")
    if not found.isfinite().all():
        raise WrongInputError(f"{file}: {what}: has nan or infinity")
    return found
