"""What the page computes is what torch computes; what it cannot is refused by name."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from default_run import MNIST_SHAPE, params_with
from javascript import evaluate, run_programs
from torch import nn

from mnist_vae.model.vae import VAE, build_vae
from mnist_vae.page import programs as module
from mnist_vae.page.operations import ELEMENTWISE, SIGNATURES
from mnist_vae.page.programs import Programs, programs_of
from mnist_vae.page.translation import UncomputableError
from mnist_vae.params.plugins import LIKELIHOODS, NETWORKS, names_in

RNG = np.random.default_rng(0)


def floats(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def by_torch(of: nn.Module, *inputs: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return of(*map(torch.from_numpy, inputs)).double().numpy()


class Calls(nn.Module):
    """A function of one tensor, as a network may write it."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@pytest.mark.parametrize("network", names_in(NETWORKS))
@pytest.mark.parametrize(
    ("latent_dim", "shape"),
    [(1, MNIST_SHAPE), (7, MNIST_SHAPE), (2, (3, 32, 32)), (3, (1, 5, 23)), (2, (3, 14, 9))],
)
def test_each_network_gives_torchs_codes_and_pixels(network, latent_dim, shape) -> None:
    params = params_with(model__network=network, latent_dim=latent_dim)
    vae = build_vae(params.model, latent_dim, seed=3, shape=shape).eval()
    x, z = RNG.random((3, math.prod(shape)), dtype=np.float32), floats(3, latent_dim)
    programs = programs_of(vae, "grey")
    codes, logits = run_programs(programs, ("encoder", [x]), ("decoder", [z]))
    assert np.abs(codes - by_torch(vae.encoder, x)).max() < 1e-5
    assert np.abs(logits - by_torch(vae.decoder, z)).max() < 1e-5


@pytest.mark.parametrize("pair", [lambda x: (x.relu(), x.neg()), lambda x: x.neg().chunk(2, 1)])
def test_an_encoder_that_gives_a_pair_gives_torchs_codes(pair) -> None:
    vae = VAE(Calls(pair), nn.Linear(784, 784), 784, MNIST_SHAPE).eval()
    x = RNG.random((3, 784), dtype=np.float32)
    (codes,) = run_programs(programs_of(vae, "grey"), ("encoder", [x]))
    with torch.no_grad():
        expected = torch.cat(vae.encode(torch.from_numpy(x)), dim=1).numpy()
    assert np.abs(codes - expected).max() < 1e-5


@pytest.mark.parametrize("likelihood", names_in(LIKELIHOODS))
def test_each_likelihood_gives_torchs_pixels_and_nats(likelihood) -> None:
    vae = build_vae(params_with(model__likelihood=likelihood).model, 2, seed=0, shape=MNIST_SHAPE)
    logits = np.concatenate([10 * floats(3, 784), 0.01 * floats(1, 784)])
    logits[0, 0] = 0
    x = RNG.random((4, 784), dtype=np.float32)
    programs = programs_of(vae, likelihood)
    x_mean, nats = run_programs(programs, ("x_mean", [logits]), ("recon_nats", [logits, x]))
    exact = torch.from_numpy(logits).double(), torch.from_numpy(x).double()
    assert np.abs(x_mean - vae.likelihood.x_mean(exact[0]).numpy()).max() < 1e-5
    assert nats == pytest.approx(vae.likelihood.recon_nats(*exact).numpy(), rel=1e-5)


LAYERS = {
    "batch norm of images": (nn.BatchNorm2d(4), (2, 4, 6, 6)),
    "batch norm of rows": (nn.BatchNorm1d(5), (3, 5)),
    "layer norm": (nn.LayerNorm([4, 6]), (2, 4, 6)),
    "layer norm, plain": (nn.LayerNorm(6, elementwise_affine=False), (2, 6)),
    "group norm": (nn.GroupNorm(2, 4), (2, 4, 3, 3)),
    "convolution": (nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), groups=2), (2, 4, 7, 6)),
    "dilated": (nn.Conv2d(2, 3, 3, dilation=2, bias=False), (1, 2, 8, 8)),
    "transposed": (nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2), (2, 4, 5, 4)),
    "transposed, odd": (nn.ConvTranspose2d(3, 2, 4, 2, 1, (0, 1)), (2, 3, 3, 5)),
    "transposed, dilated": (nn.ConvTranspose2d(2, 3, (2, 3), dilation=2), (1, 2, 4, 4)),
    "max pooling": (nn.MaxPool2d(2), (2, 3, 6, 7)),
    "average pooling": (nn.AvgPool2d(3, 2), (2, 3, 7, 6)),
    "upsampling": (nn.Upsample(scale_factor=2), (2, 3, 3, 4)),
    "linear, without bias": (nn.Linear(5, 3, bias=False), (2, 4, 5)),
    "dropout": (nn.Dropout(0.5), (2, 5)),
    "flatten and unflatten": (nn.Sequential(nn.Flatten(1, 2), nn.Unflatten(1, (3, -1))), (2, 3, 4)),
    "views": (Calls(lambda x: x.view(x.size(0), -1).reshape(x.shape[0], 3, 4) * 2), (2, 12)),
    "parts": (Calls(lambda x: torch.cat([x.chunk(3, dim=1)[1], x.chunk(3, 1)[-1]], 1)), (2, 7)),
    "sums": (Calls(lambda x: x.mean(dim=1) - x.sum(-1) / 4), (2, 4, 4)),
    "softmax": (Calls(lambda x: F.softmax(x, dim=1)), (2, 3, 4)),
    "broadcasting": (Calls(lambda x: x * x.sum(2).unflatten(1, (3, 1)) + 1), (2, 3, 4)),
    "comparisons": (Calls(lambda x: torch.where(x > 0.5, x.square(), -x / 3)), (2, 6)),
    "powers": (Calls(lambda x: (1 - x.abs()).pow(2) + (x <= 0) * x**3), (2, 6)),
}


@pytest.fixture(scope="module")
def layers_by_node() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each layer with weights of its own: by node and by torch, on the same numbers."""
    programs, inputs = Programs(), {}
    for name, (layer, shape) in LAYERS.items():
        for number, parameter in enumerate(layer.state_dict().values()):
            if parameter.is_floating_point():
                parameter.uniform_(0.2, 0.5 + number)
        programs.add(name, layer, name)
        inputs[name] = floats(*shape)
    found = run_programs(programs, *((name, [x]) for name, x in inputs.items()))
    return {
        name: (result, by_torch(LAYERS[name][0], inputs[name]))
        for name, result in zip(inputs, found, strict=True)
    }


@pytest.mark.parametrize("name", LAYERS)
def test_each_layer_gives_torchs_numbers(layers_by_node, name) -> None:
    found, wanted = layers_by_node[name]
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() < 2e-5


def test_each_function_of_one_number_gives_torchs() -> None:
    programs, x = Programs(), np.linspace(-8, 30, 400, dtype=np.float32).reshape(1, -1)
    positive = {"log", "log1p", "sqrt"}
    names = sorted(ELEMENTWISE.keys() - {"invert"})
    torch_names = {name: name.replace("log_sigmoid", "logsigmoid") for name in names}
    functions = {name: getattr(torch, t, None) or getattr(F, t) for name, t in torch_names.items()}
    for name, function in functions.items():
        programs.add(name, Calls(function), name)
    inputs = {name: np.abs(x) + 0.01 if name in positive else x for name in names}
    found = run_programs(programs, *((name, [inputs[name]]) for name in names))
    for name, values in zip(names, found, strict=True):
        wanted = functions[name](torch.from_numpy(inputs[name]).double()).numpy()
        assert values == pytest.approx(wanted, rel=1e-5, abs=1e-6), name


@pytest.mark.parametrize("seed", range(3))
def test_a_random_graph_of_known_operations_gives_torchs_numbers(seed) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    unary = ["silu", "tanh", "relu", "softplus", "gelu", "sigmoid"]
    plan = [(rng.choice(unary), int(rng.integers(5)), int(rng.integers(5))) for _ in range(8)]
    layers = nn.ModuleList([nn.Linear(6, 6) if at % 2 else nn.LayerNorm(6) for at in range(8)])

    class Graph(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = layers

        def forward(self, x):
            known = [x]
            for (name, a, b), layer in zip(plan, self.layers, strict=True):
                first, second = known[a % len(known)], known[b % len(known)]
                known.append(layer(getattr(F, name)(first)) + 0.5 * first * second)
            return torch.cat([known[-1], known[-2] - known[-3]], dim=1)

    graph, programs, x = Graph(), Programs(), floats(4, 6)
    programs.add("graph", graph, "graph")
    (found,) = run_programs(programs, ("graph", [x]))
    assert found == pytest.approx(by_torch(graph, x), rel=1e-4, abs=1e-4)


def test_the_page_knows_every_operation_that_a_program_may_hold() -> None:
    show = "console.log(JSON.stringify(Object.keys(OPERATIONS)))"
    known = evaluate(f'import {{ OPERATIONS }} from "./interpreter.js"; {show}')
    layers = {
        "linear", "conv2d", "conv_transpose2d", "layer_norm", "group_norm", "scale_channels",
        "max_pool2d", "avg_pool2d", "upsample",
    }  # fmt: skip
    assert set(known) == SIGNATURES.keys() | layers | {"identity", "number", "reshape", "cat"}


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (nn.GRUCell(4, 4), "the layer GRUCell"),
        (Calls(torch.fft.fft), "the operation fft_fft"),
        (Calls(lambda x: x[:, 1]), "a part of a tensor"),
        (nn.Conv2d(1, 1, 3, padding="same"), "Conv2d with other padding than zeros"),
        (Calls(lambda x: x if x.sum() > 0 else -x), "the page cannot follow the decoder"),
        (Calls(lambda x: x + F.relu(x, inplace=True)), "the operation relu"),
    ],
)
def test_an_operation_that_the_page_lacks_is_named(network, reason) -> None:
    with pytest.raises(UncomputableError) as caught:
        Programs().add("decoder", nn.Sequential(network), "the decoder in own.py")
    assert "own.py" in str(caught.value)
    assert reason in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_more_weights_than_a_page_can_hold_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_WEIGHTS", 100)
    with pytest.raises(UncomputableError, match="hold more than 100 weights"):
        Programs().add("decoder", nn.Sequential(nn.Linear(10, 10)), "own.py")
