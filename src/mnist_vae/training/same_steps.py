"""Refuse a network whose recorded steps are not its plain steps.

No stage lists this file under `deps`: it compares, and leaves everything as it was.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from mnist_vae.errors import WrongInputError
from mnist_vae.model.vae import VAE
from mnist_vae.training.adam import restored
from mnist_vae.training.digests import digest
from mnist_vae.training.recording import RecordingError

Step = Callable[..., Tensor]


def expect_same_steps(
    plain: Step, replay: Step, batches: Sequence[Sequence[Tensor]], state: Sequence[Tensor]
) -> None:
    """Do a step for each of `batches`, once plainly and once from the recording, and compare.

    Two steps show what changes from one to the next, such as a weight that Python counts up. On the
    CPU, sums and state must agree to the bit. A GPU may add in another order each time, and Adam's
    first steps turn that into whole steps of the weights: there, the sums must agree closely.
    Raises RecordingError.
    """
    ours, our_digest = outcome(plain, batches, state)
    theirs, their_digest = outcome(replay, batches, state)
    same = our_digest == their_digest
    if ours.is_cuda:
        same = torch.allclose(ours, theirs, rtol=1e-3, equal_nan=True)
    if not same:
        raise RecordingError("what it computes depends on more than its tensors")


def outcome(
    step: Step, batches: Sequence[Sequence[Tensor]], state: Sequence[Tensor]
) -> tuple[Tensor, str]:
    """The sums of each step, (steps, 2), and a digest of them and of the state that they leave."""
    with restored(state):
        torch.manual_seed(0)  # fit() seeds it again before each epoch
        sums = torch.stack([step(*batch) for batch in batches])
        return sums, digest([sums, list(state)])


@contextmanager
def refusals_named(vae: VAE) -> Iterator[None]:
    """Turn what a step raises into an error that says which network to change, and how.

    Raises it as well if the network counts something in Python during its steps.
    """
    before = numbers_of(vae)
    try:
        yield
        if changed := [key for key, value in numbers_of(vae).items() if before.get(key) != value]:
            raise RecordingError(f"it changes {changed[0]} in Python")
    except RecordingError as fault:
        raise WrongInputError(
            f"model.network is {vae.network}, whose training step cannot be recorded: {fault}; "
            "express the step's computation in tensors, and keep what changes in buffers"
        ) from None
    except ValueError as fault:  # batch normalisation takes no batch of a single image
        raise WrongInputError(
            f"model.network is {vae.network}, which refuses a batch: {fault}; with another "
            "train.batch_size, the last batch of an epoch has another size"
        ) from None


def numbers_of(vae: VAE) -> dict[str, object]:
    """The plain attributes of all its modules, by dotted name."""
    return {
        f"{name}.{key}": value
        for name, module in vae.named_modules()
        for key, value in vars(module).items()
        if isinstance(value, (int, float, str))
    }
