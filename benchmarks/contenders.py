"""Training loops in processes of their own, so that they can take turns epoch by epoch."""

import math
import multiprocessing
import time
from collections.abc import Iterator
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import torch
from conventional import mnist_dataset, train_epochs
from torch import Tensor
from torch.utils.data import Subset

from mnist_vae.adam import Adam
from mnist_vae.artifacts import load_images
from mnist_vae.device import choose_matrix_products, keep_freed_memory, prepare
from mnist_vae.inference import pixels
from mnist_vae.params import TrainParams, load_params
from mnist_vae.steps import RecordedEpoch
from mnist_vae.training import epoch_draws, fit, split_validation
from mnist_vae.vae import build_vae

THREADS = 2


def load_split() -> tuple[np.ndarray, np.ndarray]:
    """The training and validation images of the committed parameters."""
    params = load_params()
    images = load_images(Path("data/images.npz"), params).train_images
    return split_validation(images, params.train.validation_fraction)


def products(batch: int, hidden: int, latent_dim: int, steps: int) -> Iterator[float]:
    """Seconds of the matrix products of an epoch alone: forward, and both gradients of each layer
    (not that of the pixels). They go through the same library calls as the training."""

    def draw(*shape):
        return torch.randn(*shape)

    x, h, code = draw(batch, 784), draw(batch, hidden), draw(batch, 2 * latent_dim)
    z, logits = draw(batch, latent_dim), draw(batch, 784)
    w1, w2 = draw(hidden, 784), draw(2 * latent_dim, hidden)
    w3, w4 = draw(hidden, latent_dim), draw(784, hidden)
    with torch.inference_mode():
        while True:
            start = time.perf_counter()
            for _ in range(steps):
                _ = x @ w1.T, h @ w2.T, z @ w3.T, h @ w4.T
                _ = logits.T @ h, logits @ w4, h.T @ z, h @ w3
                _ = code.T @ h, code @ w2, h.T @ x
            yield time.perf_counter() - start


def epochs_of(name: str, raw: Path) -> Iterator[tuple[float, float]]:
    """(seconds of training, validation loss) after each epoch of contender `name`; the loss is
    that of the conventional one alone, else nan."""
    torch.set_flush_denormal(name == "ours")
    torch.set_num_threads(THREADS)
    params = load_params().train
    train, validation = load_split()
    if name == "conventional":
        yield from conventional_epochs(raw, len(train), validation)
        return
    if name != "products, torch's default":
        choose_matrix_products()
    keep_freed_memory()
    if name.startswith("products"):
        steps = math.ceil(len(train) / params.batch_size)
        epochs = products(params.batch_size, 256, 2, steps)
    else:
        epochs = timed_epochs(pixels(torch.from_numpy(train)), params, 2, 256)
    for seconds in epochs:
        yield seconds, math.nan


def conventional_epochs(raw: Path, images: int, validation: np.ndarray):
    """The loop of conventional.py on as many images as ours; its loss by our own estimate."""
    order = split_validation(np.arange(60000), 0.1)[0]
    assert len(order) == images
    dataset = Subset(mnist_dataset(raw, train=True), order.tolist())
    x = torch.from_numpy(validation.reshape(-1, 784)).float() / 255
    for model, seconds in train_epochs(dataset, epochs=10**6):
        with torch.no_grad():
            mean, log_var = model.encode(x)
            eps = np.random.default_rng([0, 0]).standard_normal(mean.shape, dtype=np.float32)
            x_hat = model.decode(mean + torch.from_numpy(eps) * torch.exp(0.5 * log_var))
            recon = torch.nn.functional.binary_cross_entropy(x_hat, x, reduction="sum")
            kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum()
        yield seconds, ((recon + kl) / len(x)).item()


def timed_epochs(x: Tensor, params: TrainParams, latent_dim: int, width: int) -> Iterator[float]:
    """Seconds of the steps of each epoch, without draws and validation, at a constant rate."""
    vae = build_vae("mlp", latent_dim, [width], seed=0)
    run_epoch = RecordedEpoch(vae, Adam(vae.parameters()), x, params.batch_size)
    rates = torch.full((len(run_epoch.replays),), params.learning_rate)
    for number in count(1):
        draws = epoch_draws(0, number, len(x), latent_dim)
        start = time.perf_counter()
        run_epoch(*draws, rates)
        yield time.perf_counter() - start


def losses_on(device: str, split, epochs: int) -> tuple[float, list[float]]:
    """(seconds, the validation losses) of fit() with the default network."""
    params = load_params().train.model_copy(update={"device": device, "epochs": epochs})
    vae = build_vae("mlp", 2, [256], seed=0).to(prepare(params))
    start = time.perf_counter()
    losses = [epoch.validation["neg_elbo_nats"] for epoch in fit(vae, *split, params, seed=0)]
    return time.perf_counter() - start, losses


def serve(name: str, raw: Path, pipe: Connection) -> None:
    epochs = epochs_of(name, raw)
    while pipe.recv() == "epoch":
        pipe.send(next(epochs))


class Contender:
    """A training process that runs an epoch when asked."""

    def __init__(self, name: str, raw: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(name, raw, other), daemon=True)
        self.process.start()
        self.epochs: list[tuple[float, float]] = []

    def epoch(self) -> float:
        self.pipe.send("epoch")
        self.epochs.append(self.pipe.recv())
        return self.epochs[-1][0]

    def stop(self) -> None:
        self.pipe.send("stop")
        self.process.join()
