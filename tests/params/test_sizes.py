"""Values of params.yaml that are allowed one by one but cannot work together or on this machine."""

import shutil
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from default_run import params_with

from mnist_vae.errors import ParamsError, PipelineError
from mnist_vae.params import datasets, sizes

MNIST = {"dataset": "mnist"}


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"train__validation_fraction": 1e-06},
            "train.validation_fraction is 1e-06: it holds out 0 of 60000 images",
        ),
        (
            {"train__validation_fraction": 0.1, "train__batch_size": 54001},
            "train.batch_size is 54001; mnist leaves 54000 images to train on",
        ),
        (
            {"objective__importance_samples": 2, "objective__beta": 4.0},
            "objective.importance_samples is 2; above 1, objective.beta must be 1",
        ),
        (
            {"model__network": "conv", "model__conv__channels": [8] * 5},
            "model.conv.channels is [8, 8, 8, 8, 8]: each entry halves height and width, and "
            "images of 28 x 28 can be halved 4 times",
        ),
        (
            {"objective__warm_up_epochs": 6, "train__epochs": 5},
            "objective.warm_up_epochs is 6; train.epochs is 5, and the warm-up cannot last longer",
        ),
    ],
)
def test_values_that_cannot_work_together_are_refused_in_a_line(change, message) -> None:
    with pytest.raises(ParamsError) as caught:
        params_with(**MNIST | change)
    assert f"params.yaml: {message}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_largest_batch_and_the_longest_warm_up_are_accepted() -> None:
    params_with(**MNIST, train__validation_fraction=0.1, train__batch_size=54000)
    params_with(objective__warm_up_epochs=5, train__epochs=5)


# By hand: the training images, and 784-10,000-200 and 100-10,000-784 with biases, 16 bytes each:
# themselves, their gradients and Adam's two moments in float32
X = 4 * 60_000 * 784
WEIGHTS = 16 * (785 * 10_000 + 10_001 * 200 + 101 * 10_000 + 10_001 * 784)


@pytest.mark.parametrize(
    ("changes", "needed", "named"),
    [
        (
            {"latent_dim": 100, "model__network": "mlp", "model__mlp__hidden_dims": [10_000]},
            X + WEIGHTS,
            "latent_dim is 100 and model.mlp.hidden_dims is [10000]; this takes at least 0.5 GB",
        ),
        (  # 70,000 images, two numbers of 4 bytes each, in memory and in the file's buffer
            {"latent_dim": 5000},
            16 * 70_000 * 5_000,
            "latent_dim is 5000 and model.mlp.hidden_dims is [256]; this takes at least 5.6 GB",
        ),
        (  # 60,000 images, 1,000 samples of 100 numbers each
            {"latent_dim": 100, "objective__importance_samples": 1000},
            X + 4 * 60_000 * 1000 * 100,
            "latent_dim is 100 and objective.importance_samples is 1000 and ",
        ),
    ],
    ids=["weights", "latents", "eps"],
)
def test_what_is_beyond_the_machines_memory_is_refused(monkeypatch, changes, needed, named) -> None:
    monkeypatch.setattr(sizes, "usable_memory", lambda: needed)
    assert params_with(**MNIST, **changes)
    monkeypatch.setattr(sizes, "usable_memory", lambda: needed - 1)
    with pytest.raises(ParamsError) as caught:
        params_with(**MNIST, **changes)
    assert named in str(caught.value)


def test_what_does_not_fit_on_the_disk_is_refused_before_training(monkeypatch) -> None:
    """By hand: 64-2-2 and 1-2-64 with biases; z_mean and z_log_var of 1,000 images."""
    params = params_with(latent_dim=1, model__network="mlp", model__mlp__hidden_dims=[2])
    weights = 65 * 2 + 3 * 2 + 2 * 2 + 3 * 64
    needed = 4 * (weights + 2 * 1000)
    there = datasets.Sizes(900, 100, (1, 8, 8))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(needed))
    sizes.check_disk(params, there)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(needed - 1))
    with pytest.raises(PipelineError, match=r"this disk has 0\.0 GB left: free some, or lower"):
        sizes.check_disk(params, there)


def test_a_count_of_weights_that_fails_is_a_line(monkeypatch) -> None:
    """Of a network of the user's own."""
    params, mnist = params_with(), datasets.Sizes(60_000, 10_000, (1, 28, 28))
    network = SimpleNamespace(count_weights=lambda *_: 1 // 0)
    monkeypatch.setattr(sizes, "load_plugin", lambda *_: network)
    with pytest.raises(ParamsError, match=r"mlp\.py: count_weights fails: ZeroDivisionError: "):
        sizes.check_sizes(params, mnist)
