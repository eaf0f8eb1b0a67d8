"""A step of training, and an epoch of steps: recorded, or as CUDA graphs."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

import torch
from torch import Tensor

from mnist_vae.adam import Adam, overwrite
from mnist_vae.objective import kl_nats, recon_nats
from mnist_vae.recording import record
from mnist_vae.vae import VAE


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
    overwrite(moved, before)


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
        with unmoved(self.optimiser):
            warm_up.wait_stream(torch.cuda.current_stream())
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
