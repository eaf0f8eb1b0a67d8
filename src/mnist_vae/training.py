"""fit(): the only optimiser loop."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from mnist_vae.adam import Adam
from mnist_vae.checkpoints import Checkpoint
from mnist_vae.errors import PipelineError
from mnist_vae.inference import draw_normal, elbo_terms, mean_nats, pixels
from mnist_vae.objective import kl_nats, recon_nats
from mnist_vae.params import TrainParams, held_out
from mnist_vae.recording import record
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
    with torch.no_grad():  # in place: the optimiser's tensors stay the same ones
        for name, tensors in optimiser.state.items():
            for tensor, saved in zip(tensors, moments[name], strict=True):
                tensor.copy_(saved)
    history = [Epoch(*fields) for fields in state["history"]]
    print(f"goes on after epoch {len(history)}, from {checkpoint.path}", flush=True)
    return history


def step(
    vae: VAE, optimiser: Adam, x: Tensor, eps: Tensor, batch_size: int, rate: Tensor
) -> Tensor:
    """Move the weights by one batch; returns its sums of recon_nats and kl_nats, shape (2,)."""
    x_logits, z_mean, z_log_var = vae(x, eps)
    recon, kl = recon_nats(x_logits, x).sum(), kl_nats(z_mean, z_log_var).sum()
    # Not over the images of this batch: the last, short one must not weigh more.
    optimiser.step((recon + kl) / batch_size, rate)
    return torch.stack([recon, kl]).detach()


class RecordedEpoch:
    """One pass over x (N, 784) a call: order (N,), eps (N, latent_dim), rates (steps,) -> the sums
    of each step, (steps, 2). The step is recorded once for each size of batch."""

    def __init__(self, vae: VAE, optimiser: Adam, x: Tensor, batch_size: int) -> None:
        self.vae, self.optimiser, self.x, self.batch_size = vae, optimiser, x, batch_size
        sizes = [len(batch) for batch in x.split(batch_size)]
        replays = {size: self.capture(size) for size in set(sizes)}
        self.replays = [replays[size] for size in sizes]

    def __call__(self, order: Tensor, eps: Tensor, rates: Tensor) -> Tensor:
        indices, noises = order.split(self.batch_size), eps.split(self.batch_size)
        batches = zip(self.replays, indices, noises, rates, strict=True)
        return torch.stack([replay(index, noise, rate) for replay, index, noise, rate in batches])

    def capture(self, size: int) -> Callable[..., Tensor]:
        index = torch.arange(size, device=self.x.device)
        eps, rate = self.x.new_zeros(size, self.vae.latent_dim), self.x.new_zeros(())
        with unmoved(self.optimiser):
            return record(self.step_on, [index, eps, rate])

    def step_on(self, index: Tensor, eps: Tensor, rate: Tensor) -> Tensor:
        x = self.x.index_select(0, index)
        return step(self.vae, self.optimiser, x, eps, self.batch_size, rate)


@contextmanager
def unmoved(optimiser: Adam) -> Iterator[None]:
    """Undo the steps taken inside."""
    moved = [*optimiser.parameters, *chain(*optimiser.state.values())]
    before = [tensor.detach().clone() for tensor in moved]
    yield
    with torch.no_grad():
        for tensor, value in zip(moved, before, strict=True):
            tensor.copy_(value)


class GraphedEpoch:
    """The same on a CUDA GPU, where a batch of 128 is bound by launching its kernels: each step is
    one launch of a CUDA graph, which looks up its batch, rate and row of the sums by itself."""

    def __init__(self, vae: VAE, optimiser: Adam, x: Tensor, batch_size: int) -> None:
        self.vae, self.optimiser, self.x, self.batch_size = vae, optimiser, x, batch_size
        steps = math.ceil(len(x) / batch_size)
        self.order = torch.zeros(len(x), dtype=torch.int64, device=x.device)
        self.eps = torch.zeros(len(x), vae.latent_dim, device=x.device)
        self.rates = torch.zeros(steps, device=x.device)
        self.sums = torch.zeros(steps, 2, device=x.device)
        self.done = torch.zeros(1, dtype=torch.int64, device=x.device)
        sizes = [len(batch) for batch in self.order.split(batch_size)]
        graphs = {size: self.capture(size) for size in set(sizes)}
        self.replays = [graphs[size].replay for size in sizes]

    def __call__(self, order: Tensor, eps: Tensor, rates: Tensor) -> Tensor:
        self.order.copy_(order)
        self.eps.copy_(eps)
        self.rates.copy_(rates)
        self.done.zero_()
        for replay in self.replays:
            replay()
        return self.sums

    def capture(self, size: int) -> "torch.cuda.CUDAGraph":
        graph = torch.cuda.CUDAGraph()
        warm_up = torch.cuda.Stream()
        warm_up.wait_stream(torch.cuda.current_stream())
        with unmoved(self.optimiser):
            with torch.cuda.stream(warm_up):  # as torch asks before a capture
                for _ in range(3):
                    self.done.zero_()
                    self.next_step(size)
            torch.cuda.current_stream().wait_stream(warm_up)
            with torch.cuda.graph(graph):
                self.next_step(size)
        return graph

    def next_step(self, size: int) -> None:
        rows = self.done * self.batch_size + torch.arange(size, device=self.x.device)
        x, eps = self.x[self.order[rows]], self.eps[rows]
        rate = self.rates[self.done].squeeze(0)
        sums = step(self.vae, self.optimiser, x, eps, self.batch_size, rate)
        self.sums.index_copy_(0, self.done, sums.unsqueeze(0))
        self.done.add_(1)
