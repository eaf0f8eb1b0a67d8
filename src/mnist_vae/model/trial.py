"""A network is tried on a few images before it is trained: a file of the user's own may have any
fault, and says so best in a line."""

import math
import sys
import traceback
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mnist_vae.errors import WrongInputError, first_sentence
from mnist_vae.model.vae import VAE

IMAGES = 4


def try_network(vae: VAE) -> None:
    """Raises WrongInputError if the encoder or the decoder fails or gives another shape than
    networks/__init__.py says; warns of a decoder that gives no logits."""
    file = f"src/mnist_vae/networks/{vae.network}.py"
    values = math.prod(vae.shape)
    was_training = vae.training
    with torch.inference_mode(), torch.random.fork_rng(devices=()):
        vae.eval()
        x = torch.rand(IMAGES, values, device=vae.device)
        z = torch.randn(IMAGES, vae.latent_dim, device=vae.device)
        given, again = (output(vae, "encoder", x, file) for _ in range(2))
        if is_pair(given):
            given, again = torch.cat(given, dim=1), torch.cat(again, dim=1)
        if isinstance(given, Tensor) and not torch.equal(given, again):
            raise WrongInputError(
                f"{file}: in evaluation mode, the encoder gives other values for the same images; "
                "there it must neither draw nor change itself"
            )
        expect(given, 2 * vae.latent_dim, "encoder", "z_mean beside z_log_var", file)
        x_logits = output(vae, "decoder", 5 * z, file)
        expect(x_logits, values, "decoder", "a logit for each value of an image", file)
    vae.train(was_training)
    if x_logits.min() >= 0 and x_logits.max() <= 1:
        print(
            f"warning: {file}: all that the decoder gives lies in [0, 1], as after a sigmoid; "
            "logits are wanted, to which the likelihood applies its own",
            file=sys.stderr,
        )


def output(vae: VAE, half: str, given: Tensor, file: str) -> Any:
    """Raises WrongInputError with the line of the user's file at which it fails."""
    try:
        return getattr(vae, half)(given)
    except Exception as error:  # whatever a network of the user's own raises
        lines = [
            f.lineno for f in traceback.extract_tb(error.__traceback__) if own(f.filename, file)
        ]
        where = f"{file}, line {lines[-1]}" if lines else file
        raise WrongInputError(
            f"{where}: the {half} fails with {tuple(given.shape)}: {type(error).__name__}: "
            f"{first_sentence(error)}"
        ) from None


def is_pair(given: object) -> bool:
    return isinstance(given, tuple) and [type(part) for part in given] == [Tensor, Tensor]


def own(path: str, file: str) -> bool:
    return Path(path).as_posix().endswith(file)


def expect(found: object, width: int, half: str, what: str, file: str) -> None:
    """Raises WrongInputError."""
    shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
    if shape != (IMAGES, width):
        wanted = f"{(IMAGES, width)}: {what}"
        raise WrongInputError(f"{file}: the {half} gives {shape} instead of {wanted}")
