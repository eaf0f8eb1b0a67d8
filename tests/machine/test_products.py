"""Matrix products by oneDNN, against float64 and against torch's own."""

import pytest
import torch
from torch import Tensor, nn

from mnist_vae.machine.cpu import has_avx2
from mnist_vae.machine.products import IN_USE

pytestmark = pytest.mark.skipif(not has_avx2(), reason="they are torch's own on this CPU")
SHAPES = [(128, 784, 256), (784, 128, 256), (256, 128, 2), (128, 2, 256), (7, 256, 4), (1, 5, 1)]
LAYOUTS = {
    "plain": lambda a: a.contiguous(),
    "transposed": lambda a: a.t().contiguous().t(),
    "part of rows": lambda a: torch.cat([a, a], dim=1)[:, : a.shape[1]],
    "every other column": lambda a: a.repeat_interleave(2, dim=1)[:, ::2],
    "one row, repeated": lambda a: a[:1].expand_as(a),
}


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def test_torchs_own_are_replaced() -> None:
    assert set(IN_USE) == {torch.ops.aten.mm.default, torch.ops.aten.addmm.default}


def assert_exact(a: Tensor, b: Tensor) -> None:
    found = a @ b
    assert found.is_contiguous(), "as torch's own are"
    torch.testing.assert_close(found.double(), a.double() @ b.double(), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_products_are_exact_to_float32(shape) -> None:
    rows, inner, columns = shape
    assert_exact(random(rows, inner), random(inner, columns))


@pytest.mark.parametrize("right", LAYOUTS)
@pytest.mark.parametrize("left", LAYOUTS)
def test_so_they_are_wherever_the_numbers_lie(left, right) -> None:
    assert_exact(LAYOUTS[left](random(7, 64)), LAYOUTS[right](random(64, 4)))


@pytest.mark.parametrize("factors", [{}, {"alpha": 2.0}, {"beta": 0.5}, {"beta": 0.0}])
@pytest.mark.parametrize("shape", [(3,), (1, 3), (5, 3), (5, 1), ()])
def test_a_bias_is_broadcast_and_scaled(shape, factors) -> None:
    bias, a, b = random(*shape), random(5, 7), random(7, 3)
    exact = torch.addmm(bias.double(), a.double(), b.double(), **factors)
    found = torch.addmm(bias, a, b, **factors).double()
    torch.testing.assert_close(found, exact, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bias", [torch.tensor([2.0]).expand(3), torch.arange(6.0)[::2]])
def test_a_bias_may_lie_anywhere_in_memory(bias) -> None:
    a, b = random(5, 7), random(7, 3)
    torch.testing.assert_close(torch.addmm(bias, a, b), a @ b + bias)


def test_with_beta_0_a_bias_of_nan_is_ignored() -> None:
    nothing = torch.full((3,), torch.nan)
    assert torch.addmm(nothing, random(5, 7), random(7, 3), beta=0).isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.int64, torch.bfloat16, torch.complex64])
def test_other_types_are_multiplied_by_torch(dtype) -> None:
    a, b = (4 * random(5, 7)).to(dtype), (4 * random(7, 3)).to(dtype)
    wide = torch.complex128 if dtype.is_complex else torch.float64
    torch.testing.assert_close((a @ b).to(wide), a.to(wide) @ b.to(wide), rtol=0.02, atol=0.2)


@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 0, 3), (4, 3, 0)])
def test_empty_products(shape) -> None:
    rows, inner, columns = shape
    assert torch.equal(random(rows, inner) @ random(inner, columns), torch.zeros(rows, columns))


def test_gradients_are_those_of_float64() -> None:
    torch.manual_seed(0)
    layer, x = nn.Linear(7, 3), random(2, 5, 7)
    exact = nn.Linear(7, 3).double()
    exact.load_state_dict(layer.state_dict())
    (layer(x) ** 2).sum().backward()
    (exact(x.double()) ** 2).sum().backward()
    for ours, theirs in zip(layer.parameters(), exact.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, check_dtype=False, rtol=1e-5, atol=1e-5)


def test_what_does_not_fit_is_refused_in_torchs_words() -> None:
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        torch.mm(random(2, 3), random(2, 3))
