"""float32 matrix products by oneDNN, whose AVX2 kernels give the same bits on every CPU.

torch gives them to MKL, which does so only in its slowest mode.
"""

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor

aten: Any = torch.ops.aten
linear: Any = getattr(torch.ops.mkldnn, "_linear_pointwise", None)  # not on every kind of CPU


def mm(a: Tensor, b: Tensor) -> Tensor:
    """a (M, K) @ b (K, N)."""
    if not multiplies(a, b):
        return aten.mm.out(a, b, out=a.new_empty(len(a), b.shape[1]))
    # oneDNN copies a first factor whose rows are not contiguous: a, or b in (b.t() @ a.t()).t()
    copied = 0 if a.stride(1) == 1 else a.numel()
    copied_else = len(a) * b.shape[1] + (0 if b.stride(0) == 1 else b.numel())
    if copied > copied_else:
        return product(b.t(), a.t()).t().contiguous()
    if copied:
        a = torch.cat([a])  # a copy, but made by all threads
    return product(a, b)


def addmm(bias: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta * bias + alpha * a @ b, the bias broadcast to (M, N)."""
    if not multiplies(a, b):
        out = a.new_empty(len(a), b.shape[1])
        return aten.addmm.out(bias, a, b, beta=beta, alpha=alpha, out=out)
    plain = bias.shape == b.shape[1:] and bias.dtype == a.dtype and bias.is_contiguous()
    if beta == alpha == 1 and plain:
        return product(a, b, bias)
    return torch.add(mm(a, b).mul_(alpha), bias, alpha=beta) if beta else mm(a, b).mul_(alpha)


def product(a: Tensor, b: Tensor, bias: Tensor | None = None) -> Tensor:
    """a @ b + bias (N,) by oneDNN, without an activation, and in their layouts."""
    return linear(a, b.t(), bias, "none", [], "")


# By operation; empty until multiply_by_onednn has been called.
IN_USE: dict[Any, Callable[..., Tensor]] = {}


def multiplies(a: Tensor, b: Tensor) -> bool:
    """Whether oneDNN does; torch's own code, which the `out` variants still are, does the rest,
    and refuses what does not fit."""
    floats = a.dtype == b.dtype == torch.float32
    return floats and a.shape[1:] == b.shape[:1] and a.numel() > 0 and b.numel() > 0


@cache
def multiply_by_onednn() -> torch.library.Library:
    """Replace torch's kernels for the CPU, once, for as long as this process lives."""
    library = torch.library.Library("aten", "IMPL")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Warning only once for all operators")  # that it replaces
        for operation, kernel in ((aten.mm.default, mm), (aten.addmm.default, addmm)):
            library.impl(operation, kernel, "CPU")
            IN_USE[operation] = kernel
    return library
