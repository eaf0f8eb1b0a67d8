"""Training loops that are measured against one another: epochs and their seconds.

A loop's name may end in that of a network or a likelihood where it is not the default's:
`conventional`, `conventional conv`, `ours residual`, `fit binarised`.
"""

import math
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import torch
from conventional import OfNetworks, mnist_dataset, train_epochs
from torch import Tensor
from torch.nn.utils import convert_conv2d_weight_memory_format
from torch.utils.data import Subset

from mnist_vae import random_streams
from mnist_vae.files.images import load_images
from mnist_vae.machine.device import keep_freed_memory, prepare
from mnist_vae.machine.products import multiply_by_onednn
from mnist_vae.model.vae import VAE, build_vae, pixels
from mnist_vae.networks import mlp
from mnist_vae.params.loading import PARAMS, load_params, load_tree
from mnist_vae.params.plugins import NETWORKS, load_plugin, names_in
from mnist_vae.params.schema import TrainParams
from mnist_vae.training.adam import Adam
from mnist_vae.training.fit import epoch_draws, fit, split_validation
from mnist_vae.training.steps import TrainingEpoch

THREADS = 2
LATENT_DIM, WIDTH = 2, 256  # of z and of the hidden layer, as in conventional.py
SHAPE = 1, 28, 28


def load_split() -> tuple[np.ndarray, np.ndarray]:
    """The training and validation images that params.yaml selects."""
    params = load_params()
    images = load_images(Path("data/images.npz"), params).train_images
    return split_validation(images, params.train.validation_fraction)


def mlp_vae(latent_dim: int = LATENT_DIM, width: int = WIDTH) -> VAE:
    """An untrained VAE with one hidden layer on either side."""
    options = mlp.Params(hidden_dims=(width,))
    model = load_params().model.model_copy(update={"network": "mlp", "mlp": options})
    return build_vae(model, latent_dim, seed=0, shape=SHAPE)


def products(batch: int, steps: int) -> Iterator[float]:
    """Seconds that an epoch's matrix products take alone: the forward pass and both gradients of
    each layer, without the gradient of the pixels. Training makes the same library calls."""
    x, h, code = (torch.randn(batch, width) for width in (784, WIDTH, 2 * LATENT_DIM))
    z, logits = (torch.randn(batch, width) for width in (LATENT_DIM, 784))
    w1, w2 = torch.randn(WIDTH, 784), torch.randn(2 * LATENT_DIM, WIDTH)
    w3, w4 = torch.randn(WIDTH, LATENT_DIM), torch.randn(784, WIDTH)
    with torch.inference_mode():
        while True:
            start = time.perf_counter()
            for _ in range(steps):
                _ = x @ w1.T, h @ w2.T, z @ w3.T, h @ w4.T
                _ = logits.T @ h, logits @ w4, h.T @ z, h @ w3
                _ = code.T @ h, code @ w2, h.T @ x
            yield time.perf_counter() - start


def epochs_of(name: str, raw: Path) -> Iterator[tuple[float, float]]:
    """(seconds of training, validation loss) of each epoch; the loss is nan for all but the
    conventional loop with its own model."""
    loop, _, choice = name.partition(" ")
    torch.set_flush_denormal(loop in ("ours", "fit"))
    torch.set_num_threads(THREADS)
    params = load_params().train
    train, validation = load_split()
    if loop == "conventional":
        yield from conventional_epochs(raw, len(train), validation, choice)
        return
    if name != "products, torch's default":
        multiply_by_onednn()
    keep_freed_memory()
    if loop.startswith("products"):
        steps = math.ceil(len(train) / params.batch_size)
        epochs = products(params.batch_size, steps)
    elif loop == "fit":
        epochs = fitted_epochs(choice, train, validation)
    else:
        vae = vae_of(choice) if choice in names_in(NETWORKS) else mlp_vae()
        epochs = timed_epochs(vae, pixels(torch.from_numpy(train)), params)
    for seconds in epochs:
        yield seconds, math.nan


def vae_of(network: str) -> VAE:
    """An untrained VAE with the network's section of params.yaml."""
    options = load_plugin(NETWORKS, network).Params(**load_tree(PARAMS)["model"][network])
    chosen = {"network": network, network: options}
    model = load_params().model.model_copy(update=chosen)
    return build_vae(model, LATENT_DIM, seed=0, shape=SHAPE)


def fitted_epochs(likelihood: str, train: np.ndarray, validation: np.ndarray) -> Iterator[float]:
    """Seconds that the epochs of fit() take, with random draws and validation."""
    params = load_params()
    model = params.model.model_copy(update={"likelihood": likelihood})
    endless = params.train.model_copy(update={"epochs": 10**5, "schedule": "constant"})
    vae = build_vae(model, LATENT_DIM, seed=0, shape=SHAPE)
    return (epoch.seconds for epoch in fit(vae, train, validation, endless, seed=0))


def conventional_epochs(raw: Path, images: int, validation: np.ndarray, network: str):
    """The loop of conventional.py on our training images; the loss is our own estimate."""
    order = split_validation(np.arange(60000), 0.1)[0]
    assert len(order) == images
    dataset = Subset(mnist_dataset(raw, train=True), order.tolist())
    x = torch.from_numpy(validation.reshape(-1, 784)).float() / 255
    if network:
        vae = vae_of(network)
        model = OfNetworks(vae.encoder, vae.decoder)
        # In torch's default layout, in which users build their convolutions
        convert_conv2d_weight_memory_format(model, torch.contiguous_format)
        epochs = train_epochs(dataset, epochs=10**6, model=model)
        yield from ((seconds, math.nan) for _, seconds in epochs)
    for model, seconds in train_epochs(dataset, epochs=10**6):
        with torch.no_grad():
            mean, log_var = model.encode(x)
            eps = random_streams.normal(random_streams.validation_eps(seed=0), *mean.shape)
            x_hat = model.decode(mean + torch.from_numpy(eps) * torch.exp(0.5 * log_var))
            recon = torch.nn.functional.binary_cross_entropy(x_hat, x, reduction="sum")
            kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum()
        yield seconds, ((recon + kl) / len(x)).item()


def timed_epochs(vae: VAE, x: Tensor, params: TrainParams) -> Iterator[float]:
    """Seconds that the steps of each epoch take, without random draws and validation, at a constant
    learning rate."""
    run_epoch = TrainingEpoch(vae, Adam(vae.parameters()), x, params.batch_size)
    rates = torch.full((len(run_epoch.sizes),), params.learning_rate)
    for number in count(1):
        order, eps = epoch_draws(0, number, len(x), vae.latent_dim)
        start = time.perf_counter()
        run_epoch(order, eps, rates, torch.ones_like(rates))
        yield time.perf_counter() - start


def losses_on(
    device: str, split: tuple[np.ndarray, np.ndarray], epochs: int
) -> tuple[float, list[float]]:
    """(seconds, validation losses) of fit() with the default network."""
    params = load_params()
    train = params.train.model_copy(update={"epochs": epochs})
    machine = params.machine.model_copy(update={"device": device})
    vae = mlp_vae().to(prepare(machine))
    start = time.perf_counter()
    losses = [epoch.validation["neg_elbo_nats"] for epoch in fit(vae, *split, train, seed=0)]
    return time.perf_counter() - start, losses
