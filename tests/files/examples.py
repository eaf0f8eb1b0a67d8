"""A small example of each kind of archive, and the functions that write and read it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from mnist_vae.files.images import load_images, save_images
from mnist_vae.files.latents import load_latents, save_latents
from mnist_vae.files.nats import load_nats, save_nats
from mnist_vae.files.weights import load_weights, save_weights
from mnist_vae.params.schema import Params

LABELS = np.arange(20, dtype=np.uint8) % 10
IMAGES = np.arange(20 * 784, dtype=np.uint32).astype(np.uint8).reshape(20, 28, 28)
Z = np.linspace(-1, 1, 40, dtype=np.float32).reshape(20, 2)
NATS = np.arange(20, dtype=np.float32)


class Kind(NamedTuple):
    """`save(path, params, values)`, and `load(path, params)`, which gives them back."""

    save: Callable[[Path, Params, Any], None]
    load: Callable[[Path, Params], Any]
    values: Any


KINDS = {
    "images": Kind(save_images, load_images, (IMAGES, LABELS, IMAGES + 1, LABELS)),
    "latents": Kind(save_latents, load_latents, (Z, -Z, LABELS, Z, -Z, LABELS)),
    "nats": Kind(
        save_nats, lambda path, _: load_nats(path), (NATS + 1, NATS, NATS * 0 + 1, NATS / 2, LABELS)
    ),
    "weights": Kind(
        lambda path, params, values: save_weights(path, params, (1, 28, 28), 0.5, values),
        lambda path, params: load_weights(path, params).state_dict,
        {"w": torch.arange(6.0).view(2, 3), "count": torch.tensor(7), "on": torch.tensor([True])},
    ),
}
