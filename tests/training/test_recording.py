"""A recording does what the function does, on other values too."""

import pytest
import torch
from torch import Tensor, nn

from mnist_vae.machine.arithmetic import say_own_digits
from mnist_vae.training.recording import (
    RecordingError,
    WritesElsewhereError,
    record_operations,
)


def test_gradients_of_many_kinds_of_layers_are_the_plain_ones_to_the_bit() -> None:
    torch.manual_seed(0)
    convolutions = [nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4), nn.SiLU(), nn.MaxPool2d(2)]
    transposed = [nn.ConvTranspose2d(4, 2, 3, stride=2), nn.GELU(), nn.Flatten()]
    network = nn.Sequential(*convolutions, *transposed, nn.Linear(98, 6), nn.LayerNorm(6))

    def gradients(x: Tensor) -> Tensor:
        with torch.enable_grad():
            y = network(x)
            low, high = y.chunk(2, dim=1)  # one operation, two results
            loss = y.norm(dim=1).sum() + y.softmax(dim=1).amax() + torch.logsumexp(y, 1).sum()
            loss += nn.functional.binary_cross_entropy_with_logits(low, high.sigmoid())
            parts = torch.autograd.grad(loss + y[:, [2, 0]].sum(), list(network.parameters()))
        return torch.cat([part.flatten() for part in parts])

    first, second = torch.randn(2, 5, 1, 8, 8)
    replay = record_operations(gradients, [first])
    assert torch.equal(replay(second), gradients(second))
    assert not torch.equal(replay(first), replay(second))


def test_operations_in_place_move_the_tensors_found_outside() -> None:
    total = torch.zeros(3)

    def add(x: Tensor) -> Tensor:
        doubled = x * 2
        doubled.add_(1)
        total.add_(doubled)
        x.detach().zero_()  # the same memory
        return total.sum() + x.sum()

    replay = record_operations(add, [torch.zeros(3)], state=[total])
    assert total.tolist() == [1, 1, 1]  # recording is a first call
    assert replay(torch.arange(3.0)).item() == 3 + 3 + 6
    assert total.tolist() == [2, 4, 6]


def test_a_tensor_made_in_the_function_is_made_anew_in_each_call_which_runs_no_python() -> None:
    calls = []

    def add(x: Tensor) -> Tensor:
        calls.append(1)
        total = torch.tensor(0.0)
        total += x.sum()
        return total

    replay = record_operations(add, [torch.ones(2)])
    assert [replay(torch.full((2,), float(n))).item() for n in (1, 2, 3)] == [2, 4, 6]
    assert calls == [1]


def test_a_function_whose_digits_are_the_cpus_own_is_named_once(capsys) -> None:
    say_own_digits.cache_clear()
    record_operations(lambda x: x**0.5 + x.clone().sqrt_().log1p() + x**2, [torch.ones(2)])
    said = capsys.readouterr().out
    assert said == "note: torch.sqrt is used, whose last digits are this CPU's own\n"


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x.sum().item(),
        lambda x: x if x.sum() > 0 else -x,
        lambda x: x.nonzero(),
        lambda x: x[x > 0],
        lambda x: x.unique(),
    ],
)
def test_a_look_at_the_values_in_python_is_refused(function) -> None:
    with pytest.raises(RecordingError, match="it looks at a tensor's values in Python"):
        record_operations(function, [torch.ones(3)])


@pytest.mark.parametrize(
    "write", [lambda t: t.add_(1), lambda t: t[1:].zero_(), lambda t: torch.add(t, 1, out=t)]
)
def test_a_write_to_a_tensor_that_is_no_state_is_refused(write) -> None:
    outside = torch.zeros(3)

    def function(x: Tensor) -> Tensor:
        write(outside)
        return x + outside

    with pytest.raises(WritesElsewhereError, match="neither a parameter nor a buffer"):
        record_operations(function, [torch.ones(3)])
    record_operations(function, [torch.ones(3)], state=[outside])
