"""One step of training, and an epoch of steps: replayed from a recording, or as CUDA graphs."""

import math
from collections.abc import Callable
from functools import partial
from itertools import chain

import torch
from torch import Tensor

from mnist_vae.machine.threads import Threads
from mnist_vae.model.vae import VAE
from mnist_vae.training.adam import Adam, restored
from mnist_vae.training.losses import losses
from mnist_vae.training.recording import record_operations
from mnist_vae.training.same_steps import expect_same_steps, outcome, refusals_named


def step(
    vae: VAE, optimiser: Adam, x: Tensor, eps: Tensor, batch_size: int, rate: Tensor, beta: Tensor
) -> Tensor:
    """Move the weights by one batch; returns its sums of recon_nats and kl_nats, shape (2,)."""
    recon, kl, minimised = losses(vae, x, eps, beta)
    # Not divided by this batch's images: the short last batch must not weigh more.
    optimiser.step(minimised.sum() / batch_size, rate)
    return torch.stack([recon.sum(), kl.sum()]).detach()


class RecordedEpoch:
    """Each call is one pass over x (N, 784): order (N,), eps (N, latent_dim) or, for several
    samples of z, (N, samples, latent_dim), rates and betas (steps,) -> the sums of each step,
    (steps, 2).

    The step is recorded once for each size of batch, in the mode, train or eval, that the network
    is in. Raises WrongInputError if that is not possible. Of torch's number of threads, as many
    compute as are free and leave the bits those of one.
    """

    def __init__(
        self, vae: VAE, optimiser: Adam, x: Tensor, batch_size: int, samples: int = 1
    ) -> None:
        self.vae, self.optimiser, self.x, self.batch_size = vae, optimiser, x, batch_size
        self.shape = eps_shape(vae, samples)
        self.state = changing_tensors(vae, optimiser)
        self.threads = Threads()
        self.sizes = [len(batch) for batch in x.split(batch_size)]
        with refusals_named(vae):
            self.replays = {size: self.capture(size) for size in set(self.sizes)}
        self.equal: dict[tuple[int, int], bool] = {}  # by the batch's size and the threads

    def __call__(self, order: Tensor, eps: Tensor, rates: Tensor, betas: Tensor) -> Tensor:
        indices, noises = order.split(self.batch_size), eps.split(self.batch_size)
        sums = []
        self.threads.resume()
        for size, *batch in zip(self.sizes, indices, noises, rates, betas, strict=True):
            self.use(self.threads.adapt(), size)
            sums.append(self.replays[size](*batch))
        return torch.stack(sums)

    def use(self, threads: int, size: int) -> None:
        """As many, or fewer if steps of `size` would not have the bits of one thread."""
        if self.x.device.type != "cpu":
            return
        while threads > 1 and not self.is_equal(size, threads):
            threads //= 2
        if threads != torch.get_num_threads():
            torch.set_num_threads(threads)

    def is_equal(self, size: int, threads: int) -> bool:
        """Tried when it is first needed: before, the cores may be busy."""
        if (size, threads) not in self.equal:
            batches, found = example_batches(self.x, size, self.shape, 16), []
            with torch.random.fork_rng(devices=()):
                for number in (1, threads):
                    torch.set_num_threads(number)
                    found.append(outcome(self.replays[size], batches, self.state))
            (sums, alone), (_, several) = found
            self.equal[size, threads] = alone == several and bool(sums.isfinite().all())
        return self.equal[size, threads]

    def capture(self, size: int) -> Callable[..., Tensor]:
        first, *others = example_batches(self.x, size, self.shape, 3)
        with restored(self.state):
            replay = record_operations(self.step_on, first, self.state)
        expect_same_steps(self.step_on, replay, others, self.state)
        return replay

    def step_on(self, index: Tensor, eps: Tensor, rate: Tensor, beta: Tensor) -> Tensor:
        x = self.x.index_select(0, index)
        return step(self.vae, self.optimiser, x, eps, self.batch_size, rate, beta)


def eps_shape(vae: VAE, samples: int) -> tuple[int, ...]:
    """Of one image."""
    return (vae.latent_dim,) if samples == 1 else (samples, vae.latent_dim)


def changing_tensors(vae: VAE, optimiser: Adam) -> list[Tensor]:
    """All that a step may change: parameters, buffers and the optimiser's state."""
    weights = vae.state_dict(keep_vars=True).values()
    return [t for t in (*weights, *chain(*optimiser.state.values())) if isinstance(t, Tensor)]


def example_batches(x: Tensor, size: int, shape: tuple[int, ...], count: int) -> list[list[Tensor]]:
    """Batches (index, eps, rate, beta) of different values, to record one or compare several."""
    first = torch.arange(size)
    eps = torch.arange(1.0, size * math.prod(shape) + 1).view(size, *shape)
    rows = [
        [(first + n * size) % len(x), (eps * n).sin(), torch.tensor(1e-3 / n), torch.tensor(n / 2)]
        for n in range(1, count + 1)
    ]
    return [[tensor.to(x.device) for tensor in row] for row in rows]


class GraphedEpoch:
    """The same on a CUDA GPU, where launching the kernels of a batch of 128 takes most of the time:
    each step is one launch of a CUDA graph, which looks up its own batch, rate and row of sums."""

    def __init__(
        self, vae: VAE, optimiser: Adam, x: Tensor, batch_size: int, samples: int = 1
    ) -> None:
        self.vae, self.optimiser, self.x, self.batch_size = vae, optimiser, x, batch_size
        self.shape = eps_shape(vae, samples)
        steps = math.ceil(len(x) / batch_size)
        self.order = torch.zeros(len(x), dtype=torch.int64, device=x.device)
        self.eps = torch.zeros(len(x), *self.shape, device=x.device)
        self.rates = torch.zeros(steps, device=x.device)
        self.betas = torch.zeros(steps, device=x.device)
        self.sums = torch.zeros(steps, 2, device=x.device)
        self.done = torch.zeros(1, dtype=torch.int64, device=x.device)
        self.state = changing_tensors(vae, optimiser)
        sizes = [len(batch) for batch in self.order.split(batch_size)]
        with refusals_named(vae):
            graphs = {size: self.checked(size) for size in set(sizes)}
        self.replays = [graphs[size].replay for size in sizes]

    def __call__(self, order: Tensor, eps: Tensor, rates: Tensor, betas: Tensor) -> Tensor:
        self.order.copy_(order)
        self.eps.copy_(eps)
        self.rates.copy_(rates)
        self.betas.copy_(betas)
        self.done.zero_()
        for replay in self.replays:
            replay()
        return self.sums

    def checked(self, size: int) -> "torch.cuda.CUDAGraph":
        next_step, own = partial(self.next_step, size), [self.sums, self.done]
        with restored(self.state):  # on the way, refuse what no graph can hold
            record_operations(next_step, [], [*self.state, *own])
        graph = self.capture(size)
        plain, replay = partial(self.first_step, next_step), partial(self.first_step, graph.replay)
        others = example_batches(self.x, size, self.shape, 3)[1:]
        expect_same_steps(plain, replay, others, self.state)
        return graph

    def first_step(
        self, run: Callable[[], object], index: Tensor, eps: Tensor, rate: Tensor, beta: Tensor
    ) -> Tensor:
        """Make the next batch this one, `run` its step, and return its sums."""
        self.order[: len(index)], self.eps[: len(index)] = index, eps
        self.rates[0], self.betas[0] = rate, beta
        self.done.zero_()
        run()
        return self.sums[0].clone()

    def capture(self, size: int) -> "torch.cuda.CUDAGraph":
        graph = torch.cuda.CUDAGraph()
        warm_up = torch.cuda.Stream()
        with restored(self.state):
            warm_up.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(warm_up):  # as torch asks before a capture
                for _ in range(3):
                    self.done.zero_()
                    self.next_step(size)
            torch.cuda.current_stream().wait_stream(warm_up)
            with torch.cuda.graph(graph):
                self.next_step(size)
        return graph

    def next_step(self, size: int) -> Tensor:
        rows = self.done * self.batch_size + torch.arange(size, device=self.x.device)
        x, eps = self.x[self.order[rows]], self.eps[rows]
        rate, beta = self.rates[self.done].squeeze(0), self.betas[self.done].squeeze(0)
        sums = step(self.vae, self.optimiser, x, eps, self.batch_size, rate, beta)
        self.sums.index_copy_(0, self.done, sums.unsqueeze(0))
        self.done.add_(1)
        return self.sums
