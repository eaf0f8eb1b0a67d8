"""The choice of the device, and torch's settings."""

from collections.abc import Iterator

import pytest
import torch

from mnist_vae.errors import PipelineError
from mnist_vae.machine import device
from mnist_vae.machine.device import most_threads, prepare
from mnist_vae.params.schema import MachineParams


@pytest.fixture(autouse=True)
def settings_restored() -> Iterator[None]:
    """For the tests that run after these in the same process."""
    yield
    torch.set_flush_denormal(False)


def machine(device: str = "cpu", threads: int | str = 1) -> MachineParams:
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


@pytest.mark.parametrize(
    ("asked", "cores", "most"),
    [("auto", 8.0, 8), ("auto", 1.5, 1), ("auto", 0.5, 1), (3, 8.0, 3), (8, 2.0, 2), (1, 0.5, 1)],
)
def test_there_are_no_more_threads_than_cores(monkeypatch, asked, cores, most) -> None:
    monkeypatch.setattr(device, "usable_cores", lambda: cores)
    assert most_threads(asked) == most


def test_denormals_are_flushed() -> None:
    tiny = torch.tensor([1e-30])
    assert (tiny * 1e-10).item() > 0, "otherwise this test says nothing"
    prepare(machine())
    assert (tiny * 1e-10).item() == 0
