"""fit(): the only optimiser loop."""

import math
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from mnist_vae.adam import Adam, overwrite
from mnist_vae.checkpoints import Checkpoint
from mnist_vae.errors import PipelineError
from mnist_vae.inference import draw_normal, elbo_terms, mean_nats, pixels
from mnist_vae.params import TrainParams, held_out
from mnist_vae.steps import GraphedEpoch, RecordedEpoch
from mnist_vae.vae import VAE


class Epoch(NamedTuple):
    """Nats per image after epoch `number`: of train, the mean while its weights were moving."""

    number: int
    seconds: float
    train: dict[str, float]
    validation: dict[str, float]


def split_validation(images: np.ndarray, fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """(training, validation) images. The same for every seed, so that seeds compare.

    Raises ParamsError if one of the two would be empty.
    """
    count = held_out(len(images), fraction)
    order = np.random.default_rng(0).permutation(len(images))
    return images[order[count:]], images[order[:count]]


def epoch_draws(seed: int, epoch: int, images: int, latent_dim: int) -> tuple[Tensor, Tensor]:
    """(order (N,), eps (N, latent_dim)) of one epoch, on the CPU.

    They depend on (seed, epoch) alone: no history of draws, and the same on every device.
    """
    rng = np.random.default_rng([seed, epoch])
    return torch.from_numpy(rng.permutation(images)), draw_normal(rng, images, latent_dim)


def learning_rate_at(step: int, steps: int, params: TrainParams) -> float:
    """The learning rate of step 0 <= step < steps; `linear` and `cosine` end at 0."""
    left = 1 - step / steps
    factor = {
        "constant": 1.0,
        "linear": left,
        "cosine": 0.5 * (1 - math.cos(math.pi * left)),
    }[params.schedule]
    return params.learning_rate * factor


def fit(
    vae: VAE,
    train: np.ndarray,
    validation: np.ndarray,
    params: TrainParams,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Epoch]:
    """Train `vae` in place on uint8 images (N, 28, 28); yields after each epoch.

    With a `checkpoint` it goes on where that one was left, and yields the epochs before, too.
    Raises PipelineError after an epoch whose loss is not finite.
    """
    x = pixels(torch.from_numpy(train).to(vae.device))
    optimiser = Adam(vae.parameters())
    history = restore(checkpoint, vae, optimiser) if checkpoint else []
    yield from history
    make_epoch = GraphedEpoch if vae.device.type == "cuda" else RecordedEpoch
    run_epoch = make_epoch(vae, optimiser, x, params.batch_size)
    steps = math.ceil(len(x) / params.batch_size)
    for number in range(len(history) + 1, params.epochs + 1):
        start = time.perf_counter()
        order, eps = epoch_draws(seed, number, len(x), vae.latent_dim)
        first = (number - 1) * steps
        rates = [learning_rate_at(first + i, params.epochs * steps, params) for i in range(steps)]
        draws = (drawn.to(vae.device) for drawn in (order, eps, torch.tensor(rates)))
        sums = run_epoch(*draws).cpu().double()
        recon, kl = (sums.sum(dim=0) / len(x)).tolist()
        losses = {"neg_elbo_nats": recon + kl, "recon_nats": recon, "kl_nats": kl}
        # Epoch 0's noise every time: then only the weights move the validation curve.
        terms = elbo_terms(vae, validation, np.random.default_rng([seed, 0]))
        seconds = time.perf_counter() - start
        epoch = Epoch(number, seconds, train=losses, validation=mean_nats(terms))
        stop_if_diverged(epoch, sums, params)
        history.append(epoch)
        if checkpoint and checkpoint.due():
            checkpoint.save(state_of(history, vae, optimiser))
        yield epoch


def stop_if_diverged(epoch: Epoch, sums: Tensor, params: TrainParams) -> None:
    """`sums` (steps, 2) are those of the epoch's steps. Raises PipelineError."""
    lost = (~sums.isfinite()).any(dim=1).nonzero()
    if len(lost):
        when = f"step {lost[0].item() + 1} of {len(sums)}"
    elif not all(map(math.isfinite, epoch.validation.values())):
        when = "on the validation images"
    else:
        return
    raise PipelineError(
        f"training diverged in epoch {epoch.number}, {when}: the loss is no longer finite, most "
        f"likely because train.learning_rate, {params.learning_rate}, is too high: lower it"
    )


def state_of(history: list[Epoch], vae: VAE, optimiser: Adam) -> dict[str, Any]:
    """All that the next epoch needs: its random numbers need no history."""
    state = vae.state_dict(), optimiser.state
    return {"history": [tuple(epoch) for epoch in history], "tensors": state}


def restore(checkpoint: Checkpoint, vae: VAE, optimiser: Adam) -> list[Epoch]:
    """Put back what `state_of` took; returns the epochs done."""
    state = checkpoint.load()
    if state is None:
        return []
    weights, moments = state["tensors"]
    vae.load_state_dict(weights)
    for name, tensors in optimiser.state.items():
        overwrite(tensors, moments[name])
    history = [Epoch(*fields) for fields in state["history"]]
    print(f"goes on after epoch {len(history)}, from {checkpoint.path}", flush=True)
    return history
