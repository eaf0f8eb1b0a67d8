"""Where the tensors live, and torch's settings that decide the bytes and the speed."""

import ctypes
import platform
import sys
from pathlib import Path
from typing import Any

import torch
from threadpoolctl import threadpool_info

from mnist_vae.environment import threads_sleep
from mnist_vae.errors import PipelineError
from mnist_vae.params import MachineParams

mkldnn: Any = torch.backends.mkldnn  # torch declares no type for its matmul
# Products like those of a step: rows, inner, columns, transposed
PROBES = (
    (128, 784, 256, False),
    (784, 128, 256, True),
    (256, 128, 4, True),
    (128, 256, 4, False),
    (128, 2, 256, False),
)
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


def prepare(machine: MachineParams) -> torch.device:
    """Set up torch and choose the device. Call it before the first tensor operation.

    Raises PipelineError if this machine lacks the device or the threads that params.yaml asks for.
    """
    # Adam's second moments of dead pixels become denormal numbers, on which many CPUs are slow: an
    # epoch then takes 1.3 to 2 times as long towards the end. Threads inherit the setting when they
    # start, hence first.
    torch.set_flush_denormal(True)
    torch.set_num_threads(machine.threads)
    expect_threads(machine.threads)
    keep_freed_memory()
    choose_matrix_products()
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


def keep_freed_memory() -> None:
    """Stop glibc from handing freed memory back between steps.

    Each step takes and frees the same few MB; getting them back costs a page fault per 4 KiB, a
    tenth of a step (benchmarks/README.md).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(M_MMAP_THRESHOLD, 2**25)
        mallopt(M_TRIM_THRESHOLD, 2**30)


def expect_threads(threads: int) -> None:
    """Raises PipelineError if OpenMP would run fewer, which torch does not notice.

    oneDNN, which shares a product among as many as were asked for, then leaves a part uncomputed.
    """
    for library in threadpool_info():
        if library["user_api"] == "openmp":
            openmp = ctypes.CDLL(library["filepath"])
            openmp.omp_set_dynamic(0)  # otherwise it grants fewer on a busy machine
            granted = min(openmp.omp_get_thread_limit(), openmp.omp_get_max_threads())
            if granted < threads:
                raise PipelineError(
                    f"params.yaml: machine.threads is {threads}, but OpenMP grants {granted}; "
                    "unset OMP_THREAD_LIMIT, or lower machine.threads (other output bytes)"
                )


def choose_matrix_products() -> None:
    """Let oneDNN multiply float32 matrices on CPUs where it is faster and does so in float32.

    torch gives float32 products to MKL, which takes twice oneDNN's time on AMD's CPUs, and is
    faster than oneDNN on Intel's, for which it is made. torch asks oneDNN only where bf16 is
    allowed inside a product, and there oneDNN uses bf16 only on CPUs with units for it (AMX);
    elsewhere it computes in float32. So allow it, check some products, and take it back if one of
    them is not exact. Raises PipelineError if they are not exact after that.
    """
    for precision in ("ieee",) if is_intel() else ("bf16", "ieee"):
        mkldnn.matmul.fp32_precision = precision
        if all(is_exact(*shape) for shape in PROBES):
            return
    raise PipelineError("float32 matrix products are wrong: this build of torch does not work here")


def is_intel(cpus: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether Intel made the CPU, as Linux says in `cpus`, and Windows in platform.processor()."""
    # Not both: on Linux, the latter starts a process.
    return "GenuineIntel" in (cpus.read_text() if cpus.is_file() else platform.processor())


def is_exact(rows: int, inner: int, columns: int, transposed: bool) -> bool:
    """Whether a product agrees with that in float64. One with nan does not."""
    x = torch.linspace(-1, 1, rows * inner)
    x = x.view(inner, rows).T if transposed else x.view(rows, inner)
    w = torch.linspace(1, 3, inner * columns).view(inner, columns).sin()
    exact = x.double() @ w.double()
    error = ((x @ w).double() - exact).abs().max()
    return bool(error <= 1e-5 * exact.abs().max())


def products(device: torch.device) -> str:
    """What multiplies matrices, as the log says it."""
    if device.type != "cpu":
        return f"float32 products on {device}"
    library = "oneDNN" if mkldnn.matmul.fp32_precision == "bf16" else "torch's default library"
    threads = torch.get_num_threads()
    waiting = ", which sleep while they wait: the machine is busy" if threads_sleep() else ""
    return f"float32 products by {library}, {threads} thread{'s' * (threads > 1)}{waiting}"
