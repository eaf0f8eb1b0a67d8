"""Networks with a state, with noise, and with what no recording can repeat."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from default_run import MNIST_SHAPE, params_with
from torch import Tensor, nn

from mnist_vae import random_streams
from mnist_vae.errors import WrongInputError
from mnist_vae.machine.threads import Threads
from mnist_vae.model.elbo import elbo_terms
from mnist_vae.model.vae import VAE, pixels
from mnist_vae.training.adam import Adam
from mnist_vae.training.checkpoints import Checkpoint
from mnist_vae.training.fit import epoch_draws, fit
from mnist_vae.training.state import Epoch
from mnist_vae.training.steps import TrainingEpoch

from .test_steps import PlainEpoch

PARAMS = params_with(train__epochs=3, train__batch_size=16, dataset="mnist_5k").train


def images(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


class Function(nn.Module):
    """A layer that does what `function` says."""

    def __init__(self, function: Callable[["Function", Tensor], Tensor]) -> None:
        super().__init__()
        self.function, self.calls = function, 0

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


def vae_with(*layers: nn.Module) -> VAE:
    """`layers` lie behind 8 features of the encoder."""
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(784, 8), *layers, nn.Linear(8, 4))
    decoder = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 784))
    return VAE(encoder, decoder, 2, MNIST_SHAPE, "mine")


def normalised() -> VAE:
    return vae_with(nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3))


def epoch_of(kind: type[TrainingEpoch], vae: VAE) -> dict[str, Tensor]:
    """What an epoch of full batches and a short one leaves, and its sums."""
    run_epoch = kind(vae, Adam(vae.parameters()), pixels(torch.from_numpy(images(40))), 16)
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    sums = run_epoch(*epoch_draws(0, 1, 40, 2), torch.full((3,), 0.01), torch.ones(3))
    return {**vae.state_dict(), "sums": sums}


def test_normalisation_and_dropout_do_the_plain_steps_to_the_bit(monkeypatch) -> None:
    plain, recorded = epoch_of(PlainEpoch, normalised()), epoch_of(TrainingEpoch, normalised())
    numbers = iter([1, 2, 1])
    monkeypatch.setattr(Threads, "adapt", lambda _: next(numbers))
    changing = epoch_of(TrainingEpoch, normalised())
    assert not list(numbers), "each number of threads was tried"
    assert plain["encoder.1.num_batches_tracked"].item() == 3
    for ours in (recorded, changing):
        assert all(torch.equal(ours[name], plain[name]) for name in plain)


def test_validation_is_in_eval_mode_and_moves_no_buffer() -> None:
    vae = normalised()
    *_, last = fit(vae, images(40), images(8, 2), PARAMS, 7)
    assert vae.state_dict()["encoder.1.num_batches_tracked"].item() == 9
    terms = elbo_terms(vae.eval(), images(8, 2), random_streams.validation_eps(7))
    assert terms.neg_elbo_nats.mean(dtype=float) == last.validation["neg_elbo_nats"]


def test_noise_is_drawn_anew_in_each_epoch_and_for_each_seed() -> None:
    noise = Function(lambda self, x: x + self.get_buffer("drawn").uniform_())
    noise.register_buffer("drawn", torch.zeros(8))
    vae, seen = vae_with(noise), []
    for seed in (0, 1):
        for _ in fit(vae, images(40), images(8, 2), PARAMS, seed):
            seen.append(tuple(noise.get_buffer("drawn").tolist()))
    assert len(set(seen)) == 6


def counting(layer: Function, x: Tensor) -> Tensor:
    layer.calls += 1
    return x * (1 + 0.1 * layer.calls)


def counting_from_the_first_call(layer: Function, x: Tensor) -> Tensor:
    vars(layer)["seen"] = seen = getattr(layer, "seen", 0) + 1
    return x * (1 + 0.1 * seen)


def counting_for_later(layer: Function, x: Tensor) -> Tensor:
    layer.calls += 1
    return x if layer.calls < 1000 else 2 * x


NOT_RECORDED = {
    "item": lambda _, x: x * x.mean().item(),
    "if": lambda _, x: x if x.sum() > 0 else -x,
    "mask": lambda _, x: x + x[x > 0].mean(),
    "numpy": lambda _, x: x * float(x.detach().numpy().mean()),
    "from numpy": lambda _, x: x + torch.from_numpy(x.detach().numpy().mean(axis=0)),
    "numpy's noise": lambda _, x: x * np.random.random(),  # noqa: NPY002
    "a number that changes": counting,
    "one that appears": counting_from_the_first_call,
    "one without effect so far": counting_for_later,
}


@pytest.mark.parametrize("name", NOT_RECORDED)
def test_what_no_recording_repeats_trains_plainly_and_the_log_says_so(capsys, name) -> None:
    layers = Function(NOT_RECORDED[name]), nn.BatchNorm1d(8), nn.Dropout(0.3)
    ours = epoch_of(TrainingEpoch, vae_with(*layers))
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("network mine: trains slowly, its steps are not recorded: ")
    layers = Function(NOT_RECORDED[name]), nn.BatchNorm1d(8), nn.Dropout(0.3)
    plain = epoch_of(PlainEpoch, vae_with(*layers))
    assert all(torch.equal(ours[key], plain[key]) for key in plain)


def trained(vae: VAE, cut: int | None = None, checkpoint: Checkpoint | None = None) -> list[Epoch]:
    epochs = []
    for epoch in fit(vae, images(40), images(8, 2), PARAMS, 7, checkpoint):
        epochs.append(epoch._replace(seconds=0.0))
        if len(epochs) == cut:
            break
    return epochs


def counted() -> VAE:
    return vae_with(Function(counting), nn.BatchNorm1d(8), nn.Dropout(0.3))


def counted_from_the_first_call() -> VAE:
    return vae_with(Function(counting_from_the_first_call))


@pytest.mark.parametrize("make", [normalised, counted, counted_from_the_first_call])
@pytest.mark.parametrize("cut", [1, 2])
@pytest.mark.usefixtures("a_checkpoint_after_each_epoch")
def test_a_cut_training_ends_where_the_uncut_one_does(make, cut) -> None:
    """Buffers and Python's numbers are in the checkpoint."""
    uncut, second = make(), make()
    wanted = trained(uncut)
    trained(make(), cut, Checkpoint({}))
    torch.rand(cut)  # whatever else has drawn from torch's generator
    assert trained(second, checkpoint=Checkpoint({})) == wanted
    ours, theirs = second.state_dict(), uncut.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_recorded_steps_and_plain_ones_train_alike(monkeypatch) -> None:
    """In every epoch, not in the first alone: validation leaves the network in eval mode."""
    recorded = trained(normalised())
    monkeypatch.setattr(TrainingEpoch, "record", lambda _: None)
    assert trained(normalised()) == recorded


def test_a_tensor_that_accumulates_and_is_saved_nowhere_is_refused() -> None:
    total = torch.tensor(0.0)

    def accumulating(_: Function, x: Tensor) -> Tensor:
        total.add_(x.detach().sum())
        return x * total

    vae = vae_with(Function(accumulating))
    message = "^model.network is mine: it changes a tensor that is neither .*: use register_buffer$"
    with pytest.raises(WrongInputError, match=message):
        TrainingEpoch(vae, Adam(vae.parameters()), torch.rand(40, 784), 16)


def test_a_batch_of_one_image_is_refused_where_its_statistics_are_needed() -> None:
    x, vae = pixels(torch.from_numpy(images(33))), normalised()
    with pytest.raises(WrongInputError, match=r"refuses a batch: .*train\.batch_size"):
        TrainingEpoch(vae, Adam(vae.parameters()), x, 16)
