"""Where the tensors live, and torch's settings that decide the bytes and the speed."""

import ctypes
import sys
from typing import TYPE_CHECKING

import torch

from mnist_vae.errors import PipelineError
from mnist_vae.machine.cpu import has_avx2
from mnist_vae.machine.limits import usable_cores
from mnist_vae.machine.products import multiply_by_onednn

if TYPE_CHECKING:
    from mnist_vae.params.schema import MachineParams

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


def prepare(machine: "MachineParams") -> torch.device:
    """Set up torch and choose the device. Call it before the first tensor operation.

    Raises PipelineError if this machine lacks the device that params.yaml asks for.
    """
    # Adam's second moments of dead pixels become denormal numbers, on which many CPUs are slow: an
    # epoch then takes 1.3 to 2 times as long towards the end. Threads inherit the setting when they
    # start, hence first.
    torch.set_flush_denormal(True)
    torch.set_num_threads(most_threads(machine.threads))
    keep_freed_memory()
    if has_avx2():
        multiply_by_onednn()
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if machine.device == "auto":
        return torch.device(next(name for name in present if present[name]))
    if not present[machine.device]:
        raise PipelineError(
            f"params.yaml: machine.device is {machine.device!r}, which this machine lacks; "
            "use cpu or auto"
        )
    return torch.device(machine.device)


def most_threads(asked: int | str) -> int:
    """machine.threads, at most one a core, because more would wait for each other; `auto`: one for
    each core."""
    cores = max(1, int(usable_cores()))
    return cores if asked == "auto" else min(int(asked), cores)


def keep_freed_memory() -> None:
    """Stop glibc from handing freed memory back between steps.

    Each step takes and frees the same few MB; getting them back costs a page fault per 4 KiB, a
    tenth of a step (benchmarks/README.md).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(M_MMAP_THRESHOLD, 2**25)
        mallopt(M_TRIM_THRESHOLD, 2**30)
