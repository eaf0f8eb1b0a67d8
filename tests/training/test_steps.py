"""Recorded steps against the plain steps that they repeat, for every network and likelihood."""

from itertools import cycle

import numpy as np
import pytest
import torch
from default_run import MNIST_SHAPE, params_with
from torch import Tensor

from mnist_vae.machine.threads import Threads
from mnist_vae.model.vae import build_vae, pixels
from mnist_vae.params.plugins import LIKELIHOODS, NETWORKS, names_in
from mnist_vae.training.adam import Adam
from mnist_vae.training.fit import epoch_draws
from mnist_vae.training.steps import TrainingEpoch


class PlainEpoch(TrainingEpoch):
    """The same steps in plain torch, without any recording."""

    def record(self) -> None:
        pass


def two_epochs_of(
    kind: type[TrainingEpoch], network: str, likelihood: str, samples: int, limit: float = 0.0
) -> tuple[Tensor, Tensor]:
    """(weights, sums) after two epochs of full batches and a short one; `limit` is that of the
    gradient's norm."""
    params = params_with(model__network=network, model__likelihood=likelihood)
    vae = build_vae(params.model, 2, seed=0, shape=MNIST_SHAPE)
    images = np.random.default_rng(1).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    x = pixels(torch.from_numpy(images))
    run_epoch = kind(vae, Adam(vae.parameters(), limit), x, 16, samples)
    rates = torch.tensor([0.01, 0.005, 0.002])
    betas = torch.tensor([0.5, 1.0, 2.0])
    drawn = [epoch_draws(0, number, 40, *run_epoch.shape) for number in (1, 2)]
    sums = [run_epoch(*order_and_eps, rates, betas) for order_and_eps in drawn]
    weights = torch.cat([p.detach().flatten() for p in vae.parameters()])
    assert weights.isfinite().all(), "training diverged: nan equals nothing"
    return weights, torch.stack(sums)


@pytest.mark.parametrize("network", names_in(NETWORKS))
@pytest.mark.parametrize("likelihood", names_in(LIKELIHOODS))
@pytest.mark.parametrize("samples", [1, 3])
def test_recorded_steps_are_the_plain_steps_to_the_bit(
    capsys, network, likelihood, samples
) -> None:
    """With several samples of z, the importance-weighted bound."""
    plain = two_epochs_of(PlainEpoch, network, likelihood, samples)
    recorded = two_epochs_of(TrainingEpoch, network, likelihood, samples)
    assert all(torch.equal(a, b) for a, b in zip(recorded, plain, strict=True))
    assert "trains slowly" not in capsys.readouterr().out


PAIRS = [*((network, "grey") for network in names_in(NETWORKS))]
PAIRS += [("mlp", likelihood) for likelihood in names_in(LIKELIHOODS) if likelihood != "grey"]


@pytest.mark.parametrize("limit", [0.0, 10.0])
@pytest.mark.parametrize(("network", "likelihood"), PAIRS)
def test_the_number_of_threads_may_change_before_each_step(
    monkeypatch, network, likelihood, limit
) -> None:
    """A number that does not give the bits of one is tried, and not used."""
    plain = two_epochs_of(PlainEpoch, network, likelihood, 1, limit)
    numbers, used, set_threads = cycle([2, 1]), set(), torch.set_num_threads
    monkeypatch.setattr(Threads, "adapt", lambda _: next(numbers))
    monkeypatch.setattr(torch, "set_num_threads", lambda n: [used.add(n), set_threads(n)])
    changing = two_epochs_of(TrainingEpoch, network, likelihood, 1, limit)
    if limit:
        unlimited = two_epochs_of(PlainEpoch, network, likelihood, 1)
        assert not torch.equal(unlimited[0], plain[0]), "some gradient was longer"
    assert used == {1, 2}, "each was tried"
    assert all(torch.equal(a, b) for a, b in zip(changing, plain, strict=True))
