"""The two kinds of epoch against the plain steps that they repeat."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor

from mnist_vae.adam import Adam
from mnist_vae.inference import pixels
from mnist_vae.steps import GraphedEpoch, RecordedEpoch
from mnist_vae.training import epoch_draws
from mnist_vae.vae import build_vae


class ReplayedEpoch(GraphedEpoch):
    """GraphedEpoch with a graph that is no graph: it runs anywhere."""

    def capture(self, size: int) -> SimpleNamespace:
        return SimpleNamespace(replay=lambda: self.next_step(size))


class PlainEpoch(RecordedEpoch):
    """The same steps in plain torch, without any recording."""

    def capture(self, size: int) -> Callable[..., Tensor]:
        return self.step_on


def three_epochs_of(kind: type) -> tuple[Tensor, Tensor]:
    """(weights, sums) after three epochs of full batches and a short one."""
    vae = build_vae("mlp", 2, [6], seed=0)
    images = np.random.default_rng(1).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    run_epoch = kind(vae, Adam(vae.parameters()), pixels(torch.from_numpy(images)), 16)
    rates = torch.tensor([0.01, 0.005, 0.002])
    sums = [run_epoch(*epoch_draws(0, number, 40, 2), rates).clone() for number in (1, 2, 3)]
    return torch.cat([p.detach().flatten() for p in vae.parameters()]), torch.stack(sums)


def test_recorded_steps_are_the_plain_steps_to_the_bit() -> None:
    recorded, plain = three_epochs_of(RecordedEpoch), three_epochs_of(PlainEpoch)
    assert all(torch.equal(a, b) for a, b in zip(recorded, plain, strict=True))


def test_the_steps_of_the_graph_are_those_of_the_cpu() -> None:
    for ours, theirs in zip(
        three_epochs_of(ReplayedEpoch), three_epochs_of(RecordedEpoch), strict=True
    ):
        torch.testing.assert_close(ours, theirs)
