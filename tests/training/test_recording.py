"""A recording does what the function does, on other values too."""

import pytest
import torch
from torch import Tensor, nn

from mnist_vae.machine.arithmetic import say_own_digits
from mnist_vae.training.recording import RecordingError, record_operations


def test_a_recording_repeats_the_function_on_other_values() -> None:
    def gradient(x: Tensor) -> Tensor:
        with torch.enable_grad():
            w = x.detach().clone().requires_grad_()
            low, high = torch.sigmoid(w).chunk(2)  # one operation, two results
            (g,) = torch.autograd.grad((low * high.exp()).sum(), w)
        return g

    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 6, generator=generator)
    replay = record_operations(gradient, [first])
    for x in (second, first):
        assert torch.equal(replay(x), gradient(x))


def test_gradients_of_other_kinds_of_layers_are_the_plain_ones_to_the_bit() -> None:
    torch.manual_seed(0)
    convolutions = [nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4), nn.SiLU(), nn.MaxPool2d(2)]
    transposed = [nn.ConvTranspose2d(4, 2, 3, stride=2), nn.GELU(), nn.Flatten()]
    network = nn.Sequential(*convolutions, *transposed, nn.Linear(98, 6), nn.LayerNorm(6))

    def gradients(x: Tensor) -> Tensor:
        with torch.enable_grad():
            y = network(x)
            loss = y.norm(dim=1).sum() + y.softmax(dim=1).amax() + torch.logsumexp(y, 1).sum()
            parts = torch.autograd.grad(loss, list(network.parameters()))
        return torch.cat([part.flatten() for part in parts])

    first, second = torch.randn(2, 5, 1, 8, 8)
    replay = record_operations(gradients, [first])
    assert torch.equal(replay(second), gradients(second))
    assert not torch.equal(replay(first), replay(second))


def test_defaults_and_indexing_are_those_of_the_plain_function() -> None:
    def loss(x: Tensor) -> Tensor:
        with torch.enable_grad():
            w = x.detach().clone().requires_grad_()
            total = nn.functional.binary_cross_entropy_with_logits(w, x) + w[:, [2, 0]].sum()
            (g,) = torch.autograd.grad(total, w)
        g[:, torch.tensor([1])] = 2
        return torch.cat([g.flatten(), total.detach()[None]])

    first, second = torch.rand(2, 4, 3)
    assert torch.equal(record_operations(loss, [first])(second), loss(second))


def test_a_function_without_inputs_can_be_recorded() -> None:
    total = torch.zeros(2)
    replay = record_operations(lambda: total.add_(1) * 3, [], state=[total])
    assert replay().tolist() == [6, 6]


def test_operations_in_place_move_the_tensors_found_outside() -> None:
    total = torch.zeros(3)

    def add(x: Tensor) -> Tensor:
        doubled = x * 2
        doubled.add_(1)
        total.add_(doubled)
        return total.sum()

    replay = record_operations(add, [torch.zeros(3)], state=[total])
    assert total.tolist() == [1, 1, 1]  # recording is a first call
    assert replay(torch.arange(3.0)).item() == 3 + 3 + 6
    assert total.tolist() == [2, 4, 6]


def test_a_detached_tensor_stays_the_same_memory() -> None:
    def overwrite(x: Tensor) -> Tensor:
        y = x * 1
        y.detach().zero_()
        return y.sum()

    assert record_operations(overwrite, [torch.ones(2)])(torch.full((2,), 7.0)).item() == 0


def test_one_recording_serves_many_calls_without_growing() -> None:
    seen = []

    def count(x: Tensor) -> Tensor:
        seen.append(len(x))
        return x + 1

    replay = record_operations(count, [torch.zeros(2)])
    assert [replay(torch.full((2,), float(n))).tolist() for n in (1, 2)] == [[2, 2], [3, 3]]
    assert seen == [2]


def test_one_tensor_may_be_passed_twice() -> None:
    same = torch.ones(2)
    replay = record_operations(torch.sub, [same, same])
    assert replay(torch.full((2,), 5.0), torch.full((2,), 3.0)).tolist() == [2, 2]


def test_a_tensor_made_in_the_function_is_made_anew_in_each_call() -> None:
    def add(x: Tensor) -> Tensor:
        total = torch.tensor(0.0)
        total += x.sum()
        return total

    replay = record_operations(add, [torch.ones(2)])
    assert [replay(torch.full((2,), float(n))).item() for n in (1, 2, 3)] == [2, 4, 6]


def test_a_view_of_a_weight_shows_what_becomes_of_it() -> None:
    """It is taken once; so are those of its views."""
    torch.manual_seed(0)
    layer, x = nn.Linear(5, 3), torch.randn(2, 4, 5)

    def step(x: Tensor) -> Tensor:
        with torch.enable_grad():
            y = layer(x).relu()
            gradients = torch.autograd.grad(y.square().sum(), list(layer.parameters()))
        with torch.no_grad():
            for weight, gradient in zip(layer.parameters(), gradients, strict=True):
                weight -= 0.1 * gradient
        return y.detach()

    before = {name: value.clone() for name, value in layer.state_dict().items()}
    wanted = [step(part) for part in (*x, *x)]
    layer.load_state_dict(before)
    replay = record_operations(step, [x[0]], list(layer.parameters()))
    layer.load_state_dict(before)
    for part, y in zip((*x, *x), wanted, strict=True):
        assert torch.equal(replay(part), y)


def test_a_function_whose_digits_are_the_cpus_own_is_named_once(capsys) -> None:
    say_own_digits.cache_clear()
    record_operations(lambda x: x**0.5 + x.clone().sqrt_().log1p() + x**2, [torch.ones(2)])
    said = capsys.readouterr().out
    assert said == "note: torch.sqrt is used, whose last digits are this CPU's own\n"


def test_random_operations_draw_anew_in_each_call() -> None:
    def drop(x: Tensor) -> Tensor:
        return nn.functional.dropout(x, 0.5) + torch.rand(2000)

    x = torch.ones(2000)
    replay = record_operations(drop, [x])
    torch.manual_seed(1)
    plain = [drop(x), drop(x)]
    torch.manual_seed(1)
    assert all(torch.equal(replay(x), one) for one in plain)
    assert not torch.equal(*plain)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x.sum().item(),
        lambda x: x if x.sum() > 0 else -x,
        lambda x: x * float(x[0]),
        lambda x: x.nonzero(),
        lambda x: x[x > 0],
        lambda x: x.masked_select(x > 0),
        lambda x: x.unique(),
        lambda x: x * int(x.argmax()),
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

    with pytest.raises(RecordingError, match="neither a parameter nor a buffer"):
        record_operations(function, [torch.ones(3)])
    record_operations(function, [torch.ones(3)], state=[outside])
