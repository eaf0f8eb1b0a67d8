"""The choice of the device, and that the fast matrix products are float32's."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch
from committed import ROOT

from mnist_vae import device
from mnist_vae.device import choose_matrix_products, is_exact, prepare, products
from mnist_vae.errors import PipelineError
from mnist_vae.params import MachineParams


@pytest.fixture(autouse=True)
def settings_restored() -> Iterator[None]:
    """For the tests that run after these in the same process."""
    matmul = device.mkldnn.matmul
    threads, precision = torch.get_num_threads(), matmul.fp32_precision
    yield
    torch.set_flush_denormal(False)
    torch.set_num_threads(threads)
    matmul.fp32_precision = precision


def machine(device: str = "cpu", threads: int = 1) -> MachineParams:
    return MachineParams(device=device, threads=threads)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA GPU")
def test_a_device_that_is_not_there_is_named() -> None:
    with pytest.raises(PipelineError, match=r"machine.device is 'cuda', which this machine lacks"):
        prepare(machine("cuda"))


def test_cpu_is_always_there_and_threads_are_set() -> None:
    assert prepare(machine()) == torch.device("cpu")
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize(
    ("present", "chosen"),
    [(set(), "cpu"), ({"mps"}, "mps"), ({"cuda"}, "cuda"), ({"cuda", "mps"}, "cuda")],
)
def test_auto_is_a_gpu_if_there_is_one(monkeypatch, present, chosen) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in present)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in present)
    assert prepare(machine("auto")).type == chosen


@pytest.mark.parametrize("intel", [True, False])
@pytest.mark.parametrize("shape", [(128, 784, 256), (128, 256, 784), (784, 128, 256), (7, 256, 4)])
def test_products_are_exact_to_float32(monkeypatch, shape, intel) -> None:
    monkeypatch.setattr(device, "is_intel", lambda: intel)
    choose_matrix_products()
    rows, inner, columns = shape
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(rows, inner, generator=generator)
    b = torch.randn(inner, columns, generator=generator)
    error = ((a @ b).double() - a.double() @ b.double()).abs().max()
    assert error < 2**-20 * inner  # bf16 would round each factor to 2**-9


def test_denormals_are_flushed() -> None:
    tiny = torch.tensor([1e-30])
    assert (tiny * 1e-10).item() > 0, "otherwise this test says nothing"
    prepare(machine())
    assert (tiny * 1e-10).item() == 0


@pytest.mark.parametrize("shape", device.PROBES)
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1.0])
def test_one_wrong_number_in_a_product_is_seen(monkeypatch, shape, wrong) -> None:
    assert is_exact(*shape)
    multiply = torch.Tensor.__matmul__

    def spoilt(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        result = multiply(x, w)
        if result.dtype == torch.float32:
            result[-1, -1] += wrong
        return result

    monkeypatch.setattr(torch.Tensor, "__matmul__", spoilt)
    assert not is_exact(*shape)


@pytest.mark.parametrize(
    ("intel", "exact_at", "library"),
    [
        (False, {"bf16", "ieee"}, "oneDNN"),
        (False, {"ieee"}, "torch's default library"),
        (True, {"bf16", "ieee"}, "torch's default library"),
    ],
)
def test_the_log_says_which_products_were_chosen(monkeypatch, intel, exact_at, library) -> None:
    precision = device.mkldnn.matmul
    monkeypatch.setattr(device, "is_intel", lambda: intel)
    monkeypatch.setattr(device, "is_exact", lambda *_: precision.fp32_precision in exact_at)
    prepare(machine())
    assert products(torch.device("cpu")) == f"float32 products by {library}, 1 thread"


@pytest.mark.parametrize(
    ("cpuinfo", "processor", "intel"),
    [
        ("vendor_id\t: GenuineIntel\n", "", True),
        ("vendor_id\t: AuthenticAMD\n", "x86_64", False),
        (None, "Intel64 Family 6 Model 207 Stepping 2, GenuineIntel", True),
        (None, "AMD64 Family 25 Model 17 Stepping 1, AuthenticAMD", False),
        (None, "arm", False),
    ],
)
def test_who_made_the_cpu(monkeypatch, tmp_path, cpuinfo, processor, intel) -> None:
    monkeypatch.setattr("platform.processor", lambda: processor)
    file = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        file.write_text(cpuinfo)
    assert device.is_intel(file) is intel


def test_products_that_no_setting_makes_exact_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(device, "is_exact", lambda *_: False)
    with pytest.raises(PipelineError, match="float32 matrix products are wrong"):
        prepare(machine())


ASK = """
import sys; sys.path.insert(0, "src")
from mnist_vae.device import prepare
from mnist_vae.errors import PipelineError
from mnist_vae.params import MachineParams
import torch, ctypes, threadpoolctl
try:
    prepare(MachineParams(device="cpu", threads=2))
except PipelineError as error:
    sys.exit(print(error))
(path,) = [i["filepath"] for i in threadpoolctl.threadpool_info() if i["user_api"] == "openmp"]
print("dynamic", ctypes.CDLL(path).omp_get_dynamic())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' OpenMP has other settings")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "OMP_THREAD_LIMIT",
            "1",
            "machine.threads is 2, but OpenMP grants 1; unset",
        ),
        ("OMP_DYNAMIC", "true", "dynamic 0"),
    ],
)
def test_fewer_threads_than_asked_for_are_refused_or_mended(name, value, said) -> None:
    environment = os.environ | {name: value}
    command = [sys.executable, "-c", ASK]
    output = subprocess.check_output(command, cwd=ROOT, env=environment, text=True)
    assert said in output
