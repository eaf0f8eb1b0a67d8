"""A small example of each kind of file, and the function that writes it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from mnist_vae.files import provenance
from mnist_vae.files.images import Images
from mnist_vae.files.latents import Latents
from mnist_vae.files.metrics import save_metrics
from mnist_vae.files.npz import save_npz
from mnist_vae.files.pictures import save_figure
from mnist_vae.files.tables import save_csv
from mnist_vae.files.weights import save_weights
from mnist_vae.params import Params

LABELS = np.arange(20, dtype=np.uint8) % 10


def some_images() -> Images:
    images = np.arange(20 * 784, dtype=np.uint32).astype(np.uint8).reshape(20, 28, 28)
    return Images({"dataset": "mnist"}, images, LABELS, images + 1, LABELS)


def some_latents(params: Params) -> Latents:
    z = np.linspace(-1, 1, 20 * params.latent_dim, dtype=np.float32).reshape(20, -1)
    return Latents(provenance.of_model(params), z, -z, LABELS, z, -z, LABELS)


def some_weights() -> dict[str, torch.Tensor]:
    return {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2)}


def some_figure() -> Figure:
    figure = Figure(figsize=(1, 1))
    figure.add_subplot().plot([1, 2], [3, 4])
    return figure


WRITERS: dict[str, Callable[[Path, Params], None]] = {
    "images": lambda path, params: save_npz(path, some_images()),
    "latents": lambda path, params: save_npz(path, some_latents(params)),
    "weights": lambda path, params: save_weights(path, params, some_weights()),
    "metrics": lambda path, params: save_metrics(path, {"a": 1.5}),
    "table": lambda path, params: save_csv(path, ("a",), [(1,)]),
    "picture": lambda path, params: save_figure(path, some_figure()),
}


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (self.path.touch, ())
