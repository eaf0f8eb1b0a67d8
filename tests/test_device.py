"""The choice of the device, and that the fast matrix products are float32's."""

from collections.abc import Iterator

import pytest
import torch

from mnist_vae.device import choose_matrix_products, prepare
from mnist_vae.errors import PipelineError
from mnist_vae.params import load_params


@pytest.fixture(autouse=True)
def settings_restored() -> Iterator[None]:
    """For the tests that run after these in the same process."""
    matmul = torch.backends.mkldnn.matmul
    threads, precision = torch.get_num_threads(), matmul.fp32_precision
    yield
    torch.set_flush_denormal(False)
    torch.set_num_threads(threads)
    matmul.fp32_precision = precision


def train_params(device: str):
    return load_params().train.model_copy(update={"device": device, "threads": 1})


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA GPU")
def test_a_device_that_is_not_there_is_named() -> None:
    with pytest.raises(PipelineError, match=r"train.device is 'cuda', which this machine lacks"):
        prepare(train_params("cuda"))


def test_cpu_is_always_there_and_threads_are_set() -> None:
    assert prepare(train_params("cpu")) == torch.device("cpu")
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize("shape", [(128, 784, 256), (128, 256, 784), (784, 128, 256), (7, 256, 4)])
def test_products_are_exact_to_float32(shape) -> None:
    choose_matrix_products()
    rows, inner, columns = shape
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(rows, inner, generator=generator)
    b = torch.randn(inner, columns, generator=generator)
    error = ((a @ b).double() - a.double() @ b.double()).abs().max()
    assert error < 2**-20 * inner  # bf16 would round each factor to 2**-9


def test_denormals_are_flushed() -> None:
    prepare(train_params("cpu"))
    assert (torch.tensor([1e-30]) * 1e-10).item() == 0.0
