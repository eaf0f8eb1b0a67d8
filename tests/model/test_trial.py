"""A network of the user's own is tried on a few images, and its faults are lines."""

import importlib.util
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from default_run import MNIST_SHAPE, mlp_vae, params_with
from torch import nn

from mnist_vae.errors import ParamsError, WrongInputError
from mnist_vae.model.trial import try_network
from mnist_vae.model.vae import VAE, build_vae
from mnist_vae.training.fit import fit

FILE = "src/mnist_vae/networks/mine.py"


class Pair(nn.Module):
    """As many tutorials write it: two layers, two outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.mu, self.logvar = nn.Linear(784, 2), nn.Linear(784, 2)

    def forward(self, x):
        return self.mu(x), self.logvar(x)


def vae_of(encoder: nn.Module, decoder: nn.Module | None = None) -> VAE:
    return VAE(encoder, decoder or nn.Linear(2, 784), 2, MNIST_SHAPE, "mine")


def test_networks_that_do_what_they_should_pass_whatever_they_draw_in_training(capsys) -> None:
    try_network(mlp_vae(2, [8]))
    layers = nn.Linear(784, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 4)
    try_network(vae_of(nn.Sequential(*layers)))
    assert capsys.readouterr() == ("", "")


def test_an_encoder_may_give_a_tuple_and_trains_like_any() -> None:
    torch.manual_seed(0)
    pair = Pair()
    single = nn.Linear(784, 4)
    single.weight.data = torch.cat([pair.mu.weight, pair.logvar.weight]).detach()
    single.bias.data = torch.cat([pair.mu.bias, pair.logvar.bias]).detach()
    vae, same = vae_of(pair), vae_of(single)
    same.decoder.load_state_dict(vae.decoder.state_dict())
    try_network(vae)
    images = torch.randint(0, 256, (40, 28, 28), dtype=torch.uint8).numpy()
    short = params_with().train.model_copy(update={"epochs": 1, "batch_size": 10})
    one, other = (next(fit(each, images[:30], images[30:], short, 0)) for each in (vae, same))
    assert one.validation["neg_elbo_nats"] == pytest.approx(other.validation["neg_elbo_nats"])


class Gives(nn.Module):
    """In evaluation and in training mode."""

    def __init__(self, evaluated, trained=None) -> None:
        super().__init__()
        self.evaluated, self.trained = evaluated, trained or evaluated

    def forward(self, x):
        return self.trained(x) if self.training else self.evaluated(x)


def zeros(*shape):
    return lambda x: torch.zeros(len(x), *shape)


def pair(*widths):
    return lambda x: tuple(torch.zeros(len(x), width) for width in widths)


FAILS = Gives(zeros(4), lambda x: x.no_such_method())


@pytest.mark.parametrize(
    ("encoder", "decoder", "message"),
    [
        (
            nn.Linear(784, 3),
            None,
            rf"^{FILE}: the encoder's z_mean beside z_log_var: \(4, 3\) inst",
        ),
        (
            nn.Linear(784, 4),
            nn.Linear(2, 700),
            r"the decoder's logit.*: \(4, 700\) instead of \(4, 784\)$",
        ),
        (Gives(pair(2, 2, 2)), None, r"the encoder's z_mean beside.*: tuple instead of \(4, 4\)$"),
        (Gives(pair(3, 1)), None, r"the encoder's z_mean: \(4, 3\) instead of \(4, 2\)$"),
        (Gives(lambda x: (x[:, :2], None)), None, r"z_log_var: NoneType instead of \(4, 2\)$"),
        (Gives(lambda x: x[:, :4] / 0), None, "z_log_var: has nan or infinity"),
        (
            nn.Linear(784, 4),
            Gives(lambda z: z.sum() * math.nan + zeros(784)(z)),
            "image: has nan or",
        ),
        (FAILS, None, r"^src.*: the encoder fails with \(4, 784\): AttributeError"),
        (nn.Linear(28, 4), None, r"the encoder fails with \(4, 784\): RuntimeError: mat1 and mat2"),
        (
            nn.Linear(784, 4),
            Gives(lambda z: torch.randn(len(z), 784)),
            "in evaluation mode, the decoder gives other values for the same input",
        ),
        (
            Gives(lambda x: torch.randn(len(x), 4)),
            None,
            "in evaluation mode, the encoder gives other values for the same input",
        ),
    ],
)
def test_other_networks_are_refused_in_a_line(encoder, decoder, message) -> None:
    with pytest.raises(WrongInputError, match=message) as caught:
        try_network(vae_of(encoder, decoder))
    assert "\n" not in str(caught.value)


NN = "from torch import nn"


def module_of(folder: Path, source: str) -> Any:
    file = folder / FILE
    file.parent.mkdir(parents=True)
    file.write_text(source)
    spec = importlib.util.spec_from_file_location("mine", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def build(*_):\n    return 1 / 0", f"^{FILE}, line 2: build fails: ZeroDivisionError"),
        ("def build(*_):\n    return 7", f"^{FILE}: build fails: TypeError: cannot unpack"),
        ("def build(*_):\n    return 7, 8", "build fails: TypeError: int and int are no modules"),
        (
            f"{NN}\ndef build(*_):\n    return nn.ReLU(), nn.ReLU()",
            "ValueError: there are no weights",
        ),
        (f"{NN}\ndef build(*_):\n    return nn.LazyLinear(4), nn.ReLU()", "or some whose size"),
    ],
)
def test_a_build_that_fails_is_a_line(tmp_path, monkeypatch, source, message) -> None:
    monkeypatch.setattr("mnist_vae.model.vae.load_plugin", lambda *_: module_of(tmp_path, source))
    model: Any = SimpleNamespace(network="mine", options=None)
    with pytest.raises(ParamsError, match=message) as caught:
        build_vae(model, 2, 0, MNIST_SHAPE)
    assert "\n" not in str(caught.value)


def test_a_build_for_which_memory_is_too_small_is_no_fault_of_the_file(
    tmp_path, monkeypatch
) -> None:
    module = module_of(tmp_path, "def build(*_):\n    raise MemoryError")
    monkeypatch.setattr("mnist_vae.model.vae.load_plugin", lambda *_: module)
    model: Any = SimpleNamespace(network="mine", options=None)
    with pytest.raises(MemoryError):
        build_vae(model, 2, 0, MNIST_SHAPE)


def test_an_error_in_the_users_file_names_its_line(tmp_path) -> None:
    module = module_of(
        tmp_path,
        "from torch import nn\n\n\nclass Encoder(nn.Module):\n    def forward(self, x):\n"
        "        return x.no_such_method()\n",
    )
    wanted = (
        rf"^{FILE}, line 6: the encoder fails with \(4, 784\): AttributeError: .*no_such_method"
    )
    with pytest.raises(WrongInputError, match=wanted):
        try_network(vae_of(module.Encoder()))


def test_a_decoder_that_begins_with_zeros_is_not_warned_of(capsys) -> None:
    try_network(vae_of(nn.Linear(784, 4), Gives(zeros(784))))
    assert capsys.readouterr() == ("", "")


def test_a_decoder_that_ends_in_a_sigmoid_is_warned_of(capsys) -> None:
    try_network(vae_of(nn.Linear(784, 4), nn.Sequential(nn.Linear(2, 784), nn.Sigmoid())))
    said = capsys.readouterr().err
    assert said.startswith(
        f"warning: {FILE}: all that the decoder gives lies in [0, 1], as after a"
    )
