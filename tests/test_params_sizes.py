"""Values of params.yaml that are allowed one by one but cannot work together or on this machine."""

from types import SimpleNamespace

import pytest
from committed import params_with

from mnist_vae import params as params_module
from mnist_vae.errors import ParamsError


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"train__validation_fraction": 1e-06},
            "train.validation_fraction is 1e-06: it holds out 0 of 60000 images",
        ),
        (
            {"train__validation_fraction": 0.999999},
            "train.validation_fraction is 0.999999: it holds out 60000 of 60000 images",
        ),
        (
            {"train__validation_fraction": 0.1, "train__batch_size": 54001},
            "train.batch_size is 54001; mnist leaves 54000 images to train on",
        ),
    ],
)
def test_values_that_leave_no_images_are_refused(change, message) -> None:
    with pytest.raises(ParamsError) as caught:
        params_with(dataset="mnist", **change)
    assert f"params.yaml: {message}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_batch_of_all_images_is_accepted() -> None:
    changes = {"train__validation_fraction": 0.1, "train__batch_size": 54000}
    assert params_with(dataset="mnist", **changes).train.batch_size == 54000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"objective__importance_samples": 2, "objective__beta": 4.0},
            "objective.importance_samples is 2; above 1, objective.beta must be 1",
        ),
        (
            {"objective__importance_samples": 2, "objective__warm_up_epochs": 3},
            "objective.importance_samples is 2; above 1, objective.beta must be 1",
        ),
        (
            {"objective__warm_up_epochs": 6, "train__epochs": 5},
            "objective.warm_up_epochs is 6; train.epochs is 5, and the warm-up cannot last longer",
        ),
        (
            {"model__conv__channels": [8, 8, 8, 8, 8]},
            "model.conv.channels is [8, 8, 8, 8, 8]; it must be a list of one to four integers",
        ),
    ],
)
def test_objectives_and_networks_that_cannot_be_are_refused(change, message) -> None:
    with pytest.raises(ParamsError) as caught:
        params_with(**change)
    assert f"params.yaml: {message}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_warm_up_of_the_whole_training_is_accepted() -> None:
    params_with(objective__warm_up_epochs=5, train__epochs=5)


def test_an_epochs_eps_beyond_the_machines_memory_are_refused(memory) -> None:
    """By hand: 60,000 images, 1,000 samples of 100 float32 each."""
    memory.total = 20_000_000_000
    with pytest.raises(ParamsError) as caught:
        params_with(latent_dim=100, objective__importance_samples=1000)
    assert "latent_dim is 100 and objective.importance_samples is 1000 and " in str(caught.value)
    assert "this takes at least 24.0 GB of memory" in str(caught.value)


@pytest.fixture
def memory(monkeypatch) -> SimpleNamespace:
    """What this process may use, to be set."""
    memory = SimpleNamespace(total=0)
    monkeypatch.setattr(params_module, "usable_memory", lambda: memory.total)
    return memory


def test_weights_beyond_the_machines_memory_are_refused(memory) -> None:
    """By hand: 784-10,000-200 and 100-10,000-784 with biases, 16 bytes each: themselves, their
    gradients and Adam's two moments in float32."""
    encoder = 785 * 10_000 + 10_001 * 200
    decoder = 101 * 10_000 + 10_001 * 784
    wide = {
        "latent_dim": 100,
        "model__network": "mlp",
        "model__mlp__hidden_dims": [10_000],
        "dataset": "mnist",
    }
    memory.total = 16 * (encoder + decoder)
    assert params_with(**wide)
    memory.total -= 1
    message = (
        r"latent_dim is 100 and model\.mlp\.hidden_dims is \[10000\]; this takes at least 0\.3 GB "
        r"of memory, and this process may use 0\.3 GB$"
    )
    with pytest.raises(ParamsError, match=message):
        params_with(**wide)


def test_latents_beyond_the_machines_memory_are_refused(memory) -> None:
    """By hand: 70,000 images, two numbers of 4 bytes each, in memory and in the file's buffer."""
    memory.total = 16 * 70_000 * 5_000
    assert params_with(dataset="mnist", latent_dim=5000)
    memory.total -= 1
    with pytest.raises(ParamsError, match=r"latent_dim is 5000 .* at least 5\.6 GB of memory"):
        params_with(dataset="mnist", latent_dim=5000)
