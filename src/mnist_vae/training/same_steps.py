"""Whether two ways to compute a few training steps give the same bits."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from mnist_vae.training.adam import restored


def outcome(
    step: Callable[..., Tensor], batches: Sequence[Sequence[Tensor]], state: Sequence[Tensor]
) -> list[Tensor]:
    """The sums of a step for each of `batches`, (steps, 2), and the `state` that they leave, which
    is then restored."""
    with restored(state):
        torch.manual_seed(0)  # fit() seeds it again before each epoch
        sums = torch.stack([step(*batch) for batch in batches])
        return [sums, *(tensor.detach().clone() for tensor in state)]


def same_bits(ours: Sequence[Tensor], theirs: Sequence[Tensor]) -> bool:
    return all(torch.equal(bits(a), bits(b)) for a, b in zip(ours, theirs, strict=True))


def bits(tensor: Tensor) -> Tensor:
    """As bytes: nan equals itself, and 0 is not -0."""
    return tensor.contiguous().flatten().view(torch.uint8)
