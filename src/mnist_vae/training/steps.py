"""One step of training, and an epoch of steps, which on the CPU are repeated from a recording."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

import torch
from torch import Tensor

from mnist_vae.errors import WrongInputError
from mnist_vae.machine.threads import Threads
from mnist_vae.model.objective import losses
from mnist_vae.model.vae import VAE
from mnist_vae.training.adam import Adam, restored
from mnist_vae.training.recording import RecordingError, WritesElsewhereError, record_operations
from mnist_vae.training.same_steps import outcome, same_bits
from mnist_vae.training.state import numbers_of, set_numbers


def step(
    vae: VAE, optimiser: Adam, x: Tensor, eps: Tensor, batch_size: int, rate: Tensor, beta: Tensor
) -> Tensor:
    """Move the weights by one batch; returns its sums of recon_nats and kl_nats, shape (2,)."""
    recon, kl, minimised = losses(vae, x, eps, beta)
    # Not divided by this batch's images: the short last batch must not weigh more.
    optimiser.step(minimised.sum() / batch_size, rate)
    return torch.stack([recon.sum(), kl.sum()]).detach()


class TrainingEpoch:
    """Each call is one pass over x (N, P): order (N,), eps (N, latent_dim) or, for several
    samples of z, (N, samples, latent_dim), rates and betas (steps,) -> the sums of each step,
    (steps, 2).

    On the CPU, the step is recorded once for each batch size, in the network's current mode, and
    runs on as many threads as are free and give the bits of one. A step that cannot be recorded
    runs plainly, on one thread.
    """

    def __init__(
        self, vae: VAE, optimiser: Adam, x: Tensor, batch_size: int, samples: int = 1
    ) -> None:
        self.vae, self.optimiser, self.x, self.batch_size = vae, optimiser, x, batch_size
        self.shape = (vae.latent_dim,) if samples == 1 else (samples, vae.latent_dim)
        self.state = changing_tensors(vae, optimiser)
        self.threads = Threads()
        self.sizes = [len(batch) for batch in x.split(batch_size)]
        self.steps: dict[int, Callable[..., Tensor]] = dict.fromkeys(self.sizes, self.step_on)
        self.equal: dict[tuple[int, int], bool] = {}  # by the batch's size and the threads
        if x.device.type == "cpu":
            self.record()

    def __call__(self, order: Tensor, eps: Tensor, rates: Tensor, betas: Tensor) -> Tensor:
        indices, noises = order.split(self.batch_size), eps.split(self.batch_size)
        sums = []
        self.threads.resume()
        with refused_batches_named(self.vae):
            for size, *batch in zip(self.sizes, indices, noises, rates, betas, strict=True):
                self.use(self.threads.adapt(), size)
                sums.append(self.steps[size](*batch))
        return torch.stack(sums)

    def step_on(self, index: Tensor, eps: Tensor, rate: Tensor, beta: Tensor) -> Tensor:
        x = self.x.index_select(0, index)
        return step(self.vae, self.optimiser, x, eps, self.batch_size, rate, beta)

    def record(self) -> None:
        """Replace the plain steps, or say why not. Raises WrongInputError for a network that
        changes what no file of weights would hold."""
        before = numbers_of(self.vae)
        try:
            with refused_batches_named(self.vae):
                recorded = {size: self.recorded(size) for size in self.steps}
            if changed := [key for key, n in numbers_of(self.vae).items() if before.get(key) != n]:
                raise RecordingError(f"it changes {changed[0]} in Python")
            self.steps |= recorded
        except WritesElsewhereError as fault:
            raise WrongInputError(f"model.network is {self.vae.network}: {fault}") from None
        except RecordingError as fault:
            set_numbers(self.vae, before)
            self.threads.most = 1
            print(f"network {self.vae.network}: trains slowly, its steps are not recorded: {fault}")

    def recorded(self, size: int) -> Callable[..., Tensor]:
        """What repeats a step. Raises RecordingError unless two steps give the bits of
        plain ones; the second shows state that the recording missed."""
        first, *others = example_batches(self.x, size, self.shape, 3)
        with restored(self.state):
            replay = record_operations(self.step_on, first, self.state)
        plain = outcome(self.step_on, others, self.state)
        if not same_bits(plain, outcome(replay, others, self.state)):
            raise RecordingError("what it computes depends on more than its tensors")
        return replay

    def use(self, threads: int, size: int) -> None:
        """Set `threads`, halved until steps of `size` images give the bits of one thread."""
        if self.x.device.type != "cpu":
            return
        while threads > 1 and not self.is_equal(size, threads):
            threads //= 2
        if threads != torch.get_num_threads():
            torch.set_num_threads(threads)

    def is_equal(self, size: int, threads: int) -> bool:
        """Whether they do: tried when first needed, because before, cores may be busy."""
        if (size, threads) not in self.equal:
            batches, found = example_batches(self.x, size, self.shape, 16), []
            with torch.random.fork_rng(devices=()):
                for number in (1, threads):
                    torch.set_num_threads(number)
                    found.append(outcome(self.steps[size], batches, self.state))
            sums = found[0][0]
            self.equal[size, threads] = same_bits(*found) and bool(sums.isfinite().all())
        return self.equal[size, threads]


@contextmanager
def refused_batches_named(vae: VAE) -> Iterator[None]:
    """Say which network refuses a batch, and why its size is not always the same."""
    try:
        yield
    except ValueError as fault:  # batch normalisation takes no batch of a single image
        raise WrongInputError(
            f"model.network is {vae.network}, which refuses a batch: {fault}; with another "
            "train.batch_size, the last batch of an epoch has another size"
        ) from None


def changing_tensors(vae: VAE, optimiser: Adam) -> list[Tensor]:
    """All that a step may change: parameters, buffers and the optimiser's state."""
    weights = vae.state_dict(keep_vars=True).values()
    return [t for t in (*weights, *chain(*optimiser.state.values())) if isinstance(t, Tensor)]


def example_batches(x: Tensor, size: int, shape: tuple[int, ...], count: int) -> list[list[Tensor]]:
    """Batches (index, eps, rate, beta) of different values, to record one or compare several."""
    first = torch.arange(size)
    eps = torch.arange(1.0, size * math.prod(shape) + 1).view(size, *shape)
    return [
        [(first + n * size) % len(x), (eps * n).sin(), torch.tensor(1e-3 / n), torch.tensor(n / 2)]
        for n in range(1, count + 1)
    ]
