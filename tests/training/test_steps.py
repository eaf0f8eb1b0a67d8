"""The two kinds of epoch against the plain steps that they repeat, for every network."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from committed import params_with
from torch import Tensor

from mnist_vae.choices import NETWORKS, names_in
from mnist_vae.model.vae import build_vae, pixels
from mnist_vae.training.adam import Adam
from mnist_vae.training.fit import epoch_draws
from mnist_vae.training.steps import GraphedEpoch, RecordedEpoch

each_network = pytest.mark.parametrize("network", names_in(NETWORKS))


class ReplayedEpoch(GraphedEpoch):
    """GraphedEpoch with a graph that is no graph: it runs anywhere."""

    def capture(self, size: int) -> Any:
        return SimpleNamespace(replay=lambda: self.next_step(size))


class PlainEpoch(RecordedEpoch):
    """The same steps in plain torch, without any recording."""

    def capture(self, size: int) -> Callable[..., Tensor]:
        return self.step_on


def three_epochs_of(
    kind: type[RecordedEpoch] | type[GraphedEpoch], network: str
) -> tuple[Tensor, Tensor]:
    """(weights, sums) after three epochs of full batches and a short one."""
    vae = build_vae(params_with(model__network=network).model, 2, seed=0)
    images = np.random.default_rng(1).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    run_epoch = kind(vae, Adam(vae.parameters()), pixels(torch.from_numpy(images)), 16)
    rates = torch.tensor([0.01, 0.005, 0.002])
    sums = [run_epoch(*epoch_draws(0, number, 40, 2), rates).clone() for number in (1, 2, 3)]
    return torch.cat([p.detach().flatten() for p in vae.parameters()]), torch.stack(sums)


@each_network
def test_recorded_steps_are_the_plain_steps_to_the_bit(network) -> None:
    recorded, plain = three_epochs_of(RecordedEpoch, network), three_epochs_of(PlainEpoch, network)
    assert all(torch.equal(a, b) for a, b in zip(recorded, plain, strict=True))


@each_network
def test_the_steps_of_the_graph_are_the_plain_steps(network) -> None:
    graphed, plain = three_epochs_of(ReplayedEpoch, network), three_epochs_of(PlainEpoch, network)
    for ours, theirs in zip(graphed, plain, strict=True):
        torch.testing.assert_close(ours, theirs)


@each_network
def test_preparing_an_epoch_moves_nothing(network) -> None:
    vae = build_vae(params_with(model__network=network).model, 2, seed=0)
    optimiser = Adam(vae.parameters())
    before = [p.detach().clone() for p in vae.parameters()]
    RecordedEpoch(vae, optimiser, torch.rand(40, 784), 16)
    assert all(torch.equal(a, b) for a, b in zip(before, vae.parameters(), strict=True))
    assert not any(tensor.any() for tensors in optimiser.state.values() for tensor in tensors)
