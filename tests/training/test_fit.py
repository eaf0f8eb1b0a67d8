"""fit(): its draws, its split, and its first steps against plain formulas."""

import numpy as np
import pytest
import torch
from default_run import mlp_vae
from scipy import stats

from mnist_vae.errors import ParamsError, PipelineError
from mnist_vae.params.schema import TrainParams
from mnist_vae.training.fit import epoch_draws, fit, split_validation


def train_params(**changes: object) -> TrainParams:
    values = {
        "epochs": 2,
        "batch_size": 16,
        "learning_rate": 0.01,
        "schedule": "linear",
        "max_grad_norm": 0.0,
        "validation_fraction": 0.25,
    }
    return TrainParams.model_validate(values | changes)


def images(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def test_an_epochs_draws_are_a_permutation_and_standard_normal() -> None:
    order, eps = epoch_draws(7, 3, 20_000, 2)
    assert torch.equal(order.sort().values, torch.arange(20_000))
    assert abs(np.corrcoef(order, range(20_000))[0, 1]) < 0.03
    assert eps.shape == (20_000, 2)
    assert eps.dtype == torch.float32
    assert stats.kstest(eps.flatten(), "norm").pvalue > 0.01
    assert abs(np.corrcoef(eps.T)[0, 1]) < 0.03


def test_the_split_is_a_partition_and_the_same_every_time() -> None:
    everything = images(40)
    train, validation = split_validation(everything, 0.25)
    assert (len(train), len(validation)) == (30, 10)
    together = {image.tobytes() for image in np.concatenate([train, validation])}
    assert together == {image.tobytes() for image in everything}
    assert np.array_equal(split_validation(everything, 0.25)[1], validation)
    message = r"validation_fraction is 0\.001: it holds out 0 of 40 images"
    with pytest.raises(ParamsError, match=message):
        split_validation(everything, 0.001)


def test_the_first_epoch_is_adam_on_the_elbo_by_hand() -> None:
    """The reference writes out the loss and Adam's update (Kingma & Ba 2015), in float64."""
    train, params = images(40), train_params(epochs=1)
    vae = mlp_vae(2, [6], seed=3)
    w = [p.detach().double().requires_grad_() for p in vae.state_dict().values()]
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in w]
    order, eps = epoch_draws(5, 1, 40, 2)
    x_all = torch.from_numpy(train.reshape(40, 784)).double() / 255
    total = torch.zeros(2, dtype=torch.float64)
    for step, start in enumerate(range(0, 40, 16)):
        index = order[start : start + 16]
        x, noise = x_all[index], eps[start : start + 16].double()
        code = torch.relu(x @ w[0].T + w[1]) @ w[2].T + w[3]
        mean, log_var = code[:, :2], code[:, 2:]
        z = mean + noise * torch.exp(log_var / 2)
        p = torch.sigmoid(torch.relu(z @ w[4].T + w[5]) @ w[6].T + w[7])
        recon = -(x * p.log() + (1 - x) * (1 - p).log()).sum()
        kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum()
        total += torch.stack([recon, kl]).detach()
        grads = torch.autograd.grad((recon + kl) / 16, w)
        lr = 0.01 * (1 - step / 3)
        for value, grad, (m, v) in zip(w, grads, moments, strict=True):
            m.mul_(0.9).add_(0.1 * grad)
            v.mul_(0.999).add_(0.001 * grad**2)
            m_hat, v_hat = m / (1 - 0.9 ** (step + 1)), v / (1 - 0.999 ** (step + 1))
            value.data -= lr * m_hat / (v_hat.sqrt() + 1e-8)

    (epoch,) = fit(vae, train, images(8), params, seed=5)
    assert epoch.train["recon_nats"] == pytest.approx(total[0].item() / 40, rel=1e-5)
    assert epoch.train["kl_nats"] == pytest.approx(total[1].item() / 40, rel=1e-4)
    for value, reference in zip(vae.state_dict().values(), w, strict=True):
        torch.testing.assert_close(value.double(), reference.detach(), atol=2e-4, rtol=1e-3)


def test_the_same_training_images_give_the_same_bytes_whatever_validates() -> None:
    def weights(validation: np.ndarray) -> list[bytes]:
        vae = mlp_vae(2, [6])
        list(fit(vae, images(40), validation, train_params(), seed=0))
        return [value.numpy().tobytes() for value in vae.state_dict().values()]

    assert weights(images(8)) == weights(255 - images(16))


def test_training_that_diverges_stops_and_says_so() -> None:
    params = train_params(learning_rate=1e3, epochs=20)
    message = r"epoch \d+, step \d+ of 4: .* train.learning_rate, 1000"
    with pytest.raises(PipelineError, match=message):
        list(fit(mlp_vae(2, [16]), images(64), images(8), params, seed=0))


def test_a_loss_from_which_training_does_not_return_stops_it_too() -> None:
    vae, params = mlp_vae(2, [16]), train_params(learning_rate=1e-6)
    *_, bias = vae.decoder.parameters()
    with torch.no_grad():
        bias += 1e4  # black pixels cost 1e4 nats each
    with pytest.raises(PipelineError, match=r"epoch 1: the validation loss is 3\.\d+e\+06 nats, "):
        list(fit(vae, images(64), images(8), params, seed=0))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_training_on_a_gpu_does_the_same_steps_as_on_the_cpu() -> None:
    def losses(device: str) -> list[float]:
        vae = mlp_vae(2, [16]).to(device)
        epochs = fit(vae, images(40), images(8), train_params(), seed=0)
        return [epoch.train["neg_elbo_nats"] for epoch in epochs]

    assert losses("cuda") == pytest.approx(losses("cpu"), abs=0.05)
    assert losses("cuda") == losses("cuda")
