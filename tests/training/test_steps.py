"""The two kinds of epoch against the plain steps that they repeat, for every network."""

from collections.abc import Callable
from itertools import cycle
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from committed import params_with
from torch import Tensor

from mnist_vae.choices import LIKELIHOODS, NETWORKS, names_in
from mnist_vae.machine.threads import Threads
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


@pytest.fixture(params=names_in(LIKELIHOODS))
def likelihood(request) -> str:
    return request.param


@pytest.fixture(params=[1, 3])
def samples(request) -> int:
    """Of z; with several, the importance-weighted bound."""
    return request.param


def three_epochs_of(
    kind: type[RecordedEpoch] | type[GraphedEpoch], network: str, likelihood: str, samples: int
) -> tuple[Tensor, Tensor]:
    """(weights, sums) after three epochs of full batches and a short one."""
    params = params_with(model__network=network, model__likelihood=likelihood)
    vae = build_vae(params.model, 2, seed=0)
    images = np.random.default_rng(1).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    x = pixels(torch.from_numpy(images))
    run_epoch = kind(vae, Adam(vae.parameters()), x, 16, samples)
    rates = torch.tensor([0.01, 0.005, 0.002])
    betas = torch.tensor([0.5, 1.0, 2.0])
    drawn = [epoch_draws(0, number, 40, *run_epoch.shape) for number in (1, 2, 3)]
    sums = [run_epoch(*order_and_eps, rates, betas).clone() for order_and_eps in drawn]
    weights = torch.cat([p.detach().flatten() for p in vae.parameters()])
    assert weights.isfinite().all(), "training diverged: nan equals nothing"
    return weights, torch.stack(sums)


@each_network
def test_recorded_steps_are_the_plain_steps_to_the_bit(network, likelihood, samples) -> None:
    kinds = RecordedEpoch, PlainEpoch
    recorded, plain = (three_epochs_of(kind, network, likelihood, samples) for kind in kinds)
    assert all(torch.equal(a, b) for a, b in zip(recorded, plain, strict=True))


@each_network
def test_the_number_of_threads_may_change_before_each_step(
    monkeypatch, network, likelihood, samples
) -> None:
    """A number that does not give the bits of one is tried, and not used."""
    alone = three_epochs_of(RecordedEpoch, network, likelihood, samples)
    numbers, used, set_threads = cycle([2, 1, 4]), set(), torch.set_num_threads
    monkeypatch.setattr(Threads, "adapt", lambda _: next(numbers))
    monkeypatch.setattr(torch, "set_num_threads", lambda n: [used.add(n), set_threads(n)])
    changing = three_epochs_of(RecordedEpoch, network, likelihood, samples)
    assert used == {1, 2, 4}, "each was tried"
    assert all(torch.equal(a, b) for a, b in zip(changing, alone, strict=True))


@each_network
def test_the_steps_of_the_graph_are_the_plain_steps(network, likelihood, samples) -> None:
    kinds = ReplayedEpoch, PlainEpoch
    graphed, plain = (three_epochs_of(kind, network, likelihood, samples) for kind in kinds)
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
