"""Networks with a state, with noise, and with what no recording can repeat."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from committed import params_with
from torch import Tensor, nn

from mnist_vae import draws
from mnist_vae.errors import WrongInputError
from mnist_vae.machine.threads import Threads
from mnist_vae.model.elbo import elbo_terms
from mnist_vae.model.vae import VAE, pixels
from mnist_vae.training import checkpoints
from mnist_vae.training.adam import Adam
from mnist_vae.training.checkpoints import Checkpoint
from mnist_vae.training.fit import epoch_draws, fit
from mnist_vae.training.state import Epoch
from mnist_vae.training.steps import GraphedEpoch, RecordedEpoch

from .test_steps import PlainEpoch, ReplayedEpoch

PARAMS = params_with(train__epochs=3, train__batch_size=16, dataset="mnist_5k").train


def images(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


class Function(nn.Module):
    """A layer that does what `function` says."""

    beta: float = 0.0
    calls: int = 0

    def __init__(self, function: Callable[["Function", Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


def vae_with(*layers: nn.Module) -> VAE:
    """`layers` lie behind 8 features of the encoder."""
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(784, 8), *layers, nn.Linear(8, 4))
    decoder = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 784))
    return VAE(encoder, decoder, 2, "mine")


def stateful_vae() -> VAE:
    return vae_with(nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3))


def epoch_of(kind: type[RecordedEpoch] | type[GraphedEpoch]) -> dict[str, Tensor]:
    """What an epoch of full batches and a short one leaves, and its sums."""
    vae = stateful_vae()
    run_epoch = kind(vae, Adam(vae.parameters()), pixels(torch.from_numpy(images(40))), 16)
    torch.manual_seed(5)
    sums = run_epoch(*epoch_draws(0, 1, 40, 2), torch.full((3,), 0.01), torch.ones(3))
    return {**vae.state_dict(), "sums": sums}


@pytest.mark.parametrize("kind", [RecordedEpoch, ReplayedEpoch])
def test_batch_normalisation_and_dropout_do_the_plain_steps_to_the_bit(kind) -> None:
    ours, plain = epoch_of(kind), epoch_of(PlainEpoch)
    assert plain["encoder.1.num_batches_tracked"].item() == 3
    assert all(torch.equal(ours[name], plain[name]) for name in plain)


def test_another_number_of_threads_in_between_changes_neither_noise_nor_state(monkeypatch) -> None:
    alone, numbers = epoch_of(RecordedEpoch), iter([1, 2, 4])
    monkeypatch.setattr(Threads, "adapt", lambda _: next(numbers))
    changing = epoch_of(RecordedEpoch)
    assert not list(numbers), "all were tried"
    assert all(torch.equal(changing[name], alone[name]) for name in alone)


@pytest.mark.parametrize("kind", [RecordedEpoch, ReplayedEpoch])
def test_preparing_an_epoch_leaves_the_buffers_alone(kind) -> None:
    vae = stateful_vae()
    before = {name: tensor.clone() for name, tensor in vae.state_dict().items()}
    kind(vae, Adam(vae.parameters()), torch.rand(40, 784), 16)
    assert all(torch.equal(tensor, before[name]) for name, tensor in vae.state_dict().items())


def trained(vae: VAE, cut: int | None = None, checkpoint: Checkpoint | None = None) -> list[Epoch]:
    epochs = []
    for epoch in fit(vae, images(40), images(8, 2), PARAMS, 7, checkpoint):
        epochs.append(epoch._replace(seconds=0.0))
        if len(epochs) == cut:
            break
    return epochs


@pytest.mark.parametrize("cut", [1, 2])
def test_a_cut_training_ends_where_the_uncut_one_does(tmp_path, monkeypatch, cut) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(checkpoints, "MIN_INTERVAL_SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "MAX_TIME_SHARE", 1e9)
    uncut, second = stateful_vae(), stateful_vae()
    wanted = trained(uncut)
    trained(stateful_vae(), cut, Checkpoint({}))
    torch.rand(cut)  # whatever else has drawn from torch's generator
    assert trained(second, checkpoint=Checkpoint({})) == wanted
    ours, theirs = second.state_dict(), uncut.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_validation_is_in_eval_mode_and_moves_no_buffer() -> None:
    vae = stateful_vae()
    (last,) = trained(vae)[-1:]
    assert vae.state_dict()["encoder.1.num_batches_tracked"].item() == 9
    terms = elbo_terms(vae.eval(), images(8, 2), draws.validation_eps(7))
    assert terms.neg_elbo_nats.mean(dtype=float) == last.validation["neg_elbo_nats"]


def test_dropout_draws_anew_in_each_epoch_and_for_each_seed() -> None:
    noise = Function(lambda self, x: x + self.get_buffer("drawn").uniform_())
    noise.register_buffer("drawn", torch.zeros(8))
    vae, seen = vae_with(noise), []
    for seed in (0, 1):
        for _ in fit(vae, images(40), images(8, 2), PARAMS, seed):
            seen.append(tuple(noise.get_buffer("drawn").tolist()))
    assert len(set(seen)) == 6


def counting(layer: Function, x: Tensor) -> Tensor:
    layer.beta += 0.1  # as a KL warm-up does
    return x * layer.beta


def late(layer: Function, x: Tensor) -> Tensor:
    layer.calls += 1
    return x if layer.calls < 1000 else 2 * x


def hidden_count() -> Callable[[Function, Tensor], Tensor]:
    """A count that lies where nothing but the numbers shows it."""
    calls: list[int] = []

    def function(_: Function, x: Tensor) -> Tensor:
        calls.append(1)
        return x * len(calls)

    return function


def accumulating() -> Callable[[Function, Tensor], Tensor]:
    total = torch.tensor(0.0)

    def function(_: Function, x: Tensor) -> Tensor:
        total.add_(x.detach().sum())
        return x * total

    return function


def rebinding(layer: Function, x: Tensor) -> Tensor:
    layer.total = getattr(layer, "total", torch.tensor(0.0)) + x.detach().mean()
    return x + layer.total


REFUSED = {
    "item": lambda _, x: x * x.mean().item(),
    "if": lambda _, x: x if x.sum() > 0 else -x,
    "mask": lambda _, x: x + x[x > 0].mean(),
    "numpy": lambda _, x: x * float(x.detach().numpy().mean()),
    "from numpy": lambda _, x: x + torch.from_numpy(x.detach().numpy().mean(axis=0)),
    "numpy's noise": lambda _, x: x * np.random.random(),  # noqa: NPY002
    "a float that changes": counting,
    "a count without effect so far": late,
    "a hidden count": hidden_count(),
    "a tensor that accumulates": accumulating(),
    "a tensor that is replaced": rebinding,
}


@pytest.mark.parametrize("kind", [RecordedEpoch, ReplayedEpoch])
@pytest.mark.parametrize("name", REFUSED)
def test_what_no_recording_repeats_is_refused_by_the_networks_name(name, kind) -> None:
    if kind is ReplayedEpoch and name in ("numpy", "from numpy", "numpy's noise", "a hidden count"):
        pytest.skip("this stand-in for a CUDA graph repeats Python as well")
    vae = vae_with(Function(REFUSED[name]))
    message = "^model.network is mine, whose training step cannot be recorded: .* in tensors"
    with pytest.raises(WrongInputError, match=message):
        kind(vae, Adam(vae.parameters()), torch.rand(40, 784), 16)


def test_a_tensor_made_in_each_step_is_allowed() -> None:
    def function(_: Function, x: Tensor) -> Tensor:
        total = torch.tensor(0.0)
        total += x.detach().mean()
        return x + total

    def weights(kind: type[RecordedEpoch]) -> Tensor:
        vae = vae_with(Function(function))
        run_epoch = kind(
            vae, Adam(vae.parameters()), torch.linspace(0, 1, 40 * 784).view(40, 784), 16
        )
        run_epoch(*epoch_draws(0, 1, 40, 2), torch.full((3,), 0.01), torch.ones(3))
        return torch.cat([p.detach().flatten() for p in vae.parameters()])

    assert torch.equal(weights(RecordedEpoch), weights(PlainEpoch))


def test_a_batch_of_one_image_is_refused_where_its_statistics_are_needed() -> None:
    x = pixels(torch.from_numpy(images(33)))
    vae = stateful_vae()
    with pytest.raises(WrongInputError, match=r"refuses a batch: .*train\.batch_size"):
        RecordedEpoch(vae, Adam(vae.parameters()), x, 16)
