"""What the model computes of many images at once: batches of fixed size, side by side."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from mnist_vae import random_streams
from mnist_vae.machine.threads import side_by_side
from mnist_vae.model.vae import VAE

BATCH = 1000  # rows; large enough that matrix products dominate, small enough for the cache
AHEAD = 2**25  # numbers that are drawn ahead, at most; 128 MB


def in_batches(
    function: Callable[..., tuple[Tensor, ...]], vae: VAE, *columns: np.ndarray
) -> list[np.ndarray]:
    """`function(vae, *batch)` for each BATCH rows of `columns`, (N, ...) each, without gradients.

    It gets tensors on the model's device and returns some of as many rows, which are put together.
    """

    @torch.inference_mode()
    def compute(start: int) -> tuple[Tensor, ...]:
        rows = slice(start, start + BATCH)
        batch = (torch.from_numpy(column[rows]).to(vae.device) for column in columns)
        return tuple(result.cpu() for result in function(vae, *batch))

    # One batch even of no rows, for the shape of its results
    starts = range(0, len(columns[0]) or 1, BATCH)
    on_cpu = vae.device.type == "cpu"
    parts = side_by_side(compute, starts) if on_cpu else [compute(start) for start in starts]
    return [torch.cat(part).numpy() for part in zip(*parts, strict=True)]


def samples_of_eps(
    rng: random_streams.Rng, samples: int, images: int, latent_dim: int
) -> Iterator[np.ndarray]:
    """`samples` draws of eps for each image, in parts (N, samples, latent_dim) that fit in memory.

    Each sample has a stream of its own, so that an image's draws do not depend on AHEAD.
    """
    streams, at_once = rng.spawn(samples), max(1, AHEAD // (images * latent_dim))
    for first in range(0, samples, at_once):
        part = streams[first : first + at_once]
        yield np.stack(
            [random_streams.normal(stream, images, latent_dim) for stream in part], axis=1
        )
