"""fit(): its draws, its schedule, its split, and its first steps against plain formulas."""

import math

import numpy as np
import pytest
import torch

from mnist_vae.errors import ParamsError, PipelineError
from mnist_vae.params import TrainParams
from mnist_vae.training import (
    epoch_draws,
    fit,
    learning_rate_at,
    split_validation,
)
from mnist_vae.vae import build_vae


def train_params(**changes: object) -> TrainParams:
    values = {
        "epochs": 2,
        "batch_size": 16,
        "learning_rate": 0.01,
        "schedule": "linear",
        "validation_fraction": 0.25,
        "device": "cpu",
        "threads": 1,
    }
    return TrainParams.model_validate(values | changes)


def images(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def test_an_epochs_draws_need_no_history() -> None:
    rng = np.random.default_rng([7, 3])
    order, eps = rng.permutation(50), rng.standard_normal((50, 4), dtype=np.float32)
    drawn_order, drawn_eps = epoch_draws(seed=7, epoch=3, images=50, latent_dim=4)
    assert np.array_equal(drawn_order, order)
    assert np.array_equal(drawn_eps, eps)


def test_epochs_and_seeds_differ_in_their_draws() -> None:
    drawn = [tuple(epoch_draws(s, e, 50, 1)[0].tolist()) for s in (0, 1) for e in (1, 2)]
    assert len(set(drawn)) == 4
    assert all(sorted(order) == list(range(50)) for order in drawn)


@pytest.mark.parametrize(
    ("schedule", "halfway", "end"),
    [("constant", 0.01, 0.01), ("linear", 0.005, 0.0), ("cosine", 0.005, 0.0)],
)
def test_schedules(schedule, halfway, end) -> None:
    params = train_params(schedule=schedule)
    assert learning_rate_at(0, 1000, params) == pytest.approx(0.01)
    assert learning_rate_at(500, 1000, params) == pytest.approx(halfway)
    assert learning_rate_at(999, 1000, params) == pytest.approx(end, abs=2e-5)


def test_the_split_is_a_partition_and_the_same_every_time() -> None:
    everything = images(40)
    train, validation = split_validation(everything, 0.25)
    assert (len(train), len(validation)) == (30, 10)
    together = {image.tobytes() for image in np.concatenate([train, validation])}
    assert together == {image.tobytes() for image in everything}
    assert np.array_equal(split_validation(everything, 0.25)[1], validation)


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_a_split_that_leaves_nothing_is_refused(fraction) -> None:
    with pytest.raises(ParamsError, match=r"validation_fraction is 0\.\d+: of 40 images"):
        split_validation(images(40), fraction)


def test_the_first_epoch_is_adam_on_the_elbo_by_hand() -> None:
    """The reference writes out the loss and Adam's update (Kingma & Ba 2015), in float64."""
    train, params = images(40), train_params(epochs=1)
    vae = build_vae("mlp", 2, [6], seed=3)
    names = dict(vae.double().named_parameters())
    w = {n: p.detach().clone().requires_grad_() for n, p in names.items()}
    moments = {n: (torch.zeros_like(p), torch.zeros_like(p)) for n, p in w.items()}
    order, eps = epoch_draws(5, 1, 40, 2)
    x_all = torch.from_numpy(train.reshape(40, 784)).double() / 255
    total = torch.zeros(2, dtype=torch.float64)
    for step, start in enumerate(range(0, 40, 16)):
        index = order[start : start + 16]
        x, noise = x_all[index], eps[start : start + 16].double()
        h = torch.relu(x @ w["encoder.layers.0.weight"].T + w["encoder.layers.0.bias"])
        code = h @ w["encoder.layers.2.weight"].T + w["encoder.layers.2.bias"]
        mean, log_var = code[:, :2], code[:, 2:]
        z = mean + noise * torch.exp(log_var / 2)
        h = torch.relu(z @ w["decoder.layers.0.weight"].T + w["decoder.layers.0.bias"])
        p = torch.sigmoid(h @ w["decoder.layers.2.weight"].T + w["decoder.layers.2.bias"])
        recon = -(x * p.log() + (1 - x) * (1 - p).log()).sum()
        kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum()
        total += torch.stack([recon, kl]).detach()
        grads = torch.autograd.grad((recon + kl) / 16, list(w.values()))
        lr = 0.01 * (1 - step / 3)
        for (name, value), grad in zip(w.items(), grads, strict=True):
            m, v = moments[name]
            m.mul_(0.9).add_(0.1 * grad)
            v.mul_(0.999).add_(0.001 * grad**2)
            m_hat, v_hat = m / (1 - 0.9 ** (step + 1)), v / (1 - 0.999 ** (step + 1))
            value.data -= lr * m_hat / (v_hat.sqrt() + 1e-8)

    vae = build_vae("mlp", 2, [6], seed=3)
    (epoch,) = fit(vae, train, images(8), params, seed=5)
    assert epoch.train["recon_nats"] == pytest.approx(total[0].item() / 40, rel=1e-5)
    assert epoch.train["kl_nats"] == pytest.approx(total[1].item() / 40, rel=1e-4)
    for name, value in vae.state_dict().items():
        torch.testing.assert_close(value.double(), w[name].detach(), atol=2e-4, rtol=1e-3)


def test_fit_gives_the_same_bytes_twice() -> None:
    def weights() -> list[bytes]:
        vae = build_vae("mlp", 2, [6], seed=0)
        list(fit(vae, images(40), images(8), train_params(), seed=0))
        return [value.numpy().tobytes() for value in vae.state_dict().values()]

    assert weights() == weights()


def test_training_lowers_the_loss_and_counts_epochs() -> None:
    vae = build_vae("mlp", 2, [16], seed=0)
    epochs = list(fit(vae, images(64), images(8), train_params(epochs=5), seed=0))
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4, 5]
    assert epochs[0].train["neg_elbo_nats"] == pytest.approx(784 * math.log(2), rel=0.05)
    assert epochs[-1].train["neg_elbo_nats"] < epochs[0].train["neg_elbo_nats"]
    assert epochs[-1].validation.keys() == epochs[-1].train.keys()


def test_training_that_diverges_stops_and_says_so() -> None:
    vae = build_vae("mlp", 2, [16], seed=0)
    params = train_params(learning_rate=1e3, epochs=20)
    with pytest.raises(
        PipelineError, match=r"epoch \d+, step \d+ of 4: .* train.learning_rate, 1000"
    ):
        list(fit(vae, images(64), images(8), params, seed=0))


needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")


@needs_cuda
def test_the_graph_on_a_gpu_does_the_same_steps_as_the_cpu() -> None:
    """40 images in batches of 16: two full ones and a short one, hence two graphs."""

    def losses(device: str) -> list[float]:
        vae = build_vae("mlp", 2, [16], seed=0).to(device)
        return [
            e.train["neg_elbo_nats"] for e in fit(vae, images(40), images(8), train_params(), 0)
        ]

    assert losses("cuda") == pytest.approx(losses("cpu"), abs=0.05)
    assert losses("cuda") == losses("cuda")
