"""Where the tensors live, and the settings of torch that decide the bytes and the speed."""

import ctypes
import sys

import torch

from mnist_vae.errors import PipelineError
from mnist_vae.params import TrainParams

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


def prepare(params: TrainParams) -> torch.device:
    """Set up torch and name the device. Call it before the first tensor operation.

    Raises PipelineError if this machine lacks the device that params.yaml asks for.
    """
    # Adam's second moments of dead pixels become denormal numbers, on which many CPUs are slow: an
    # epoch then takes 1.3 to 2 times as long towards the end. Threads inherit the setting when they
    # start, hence first.
    torch.set_flush_denormal(True)
    torch.set_num_threads(params.threads)
    keep_freed_memory()
    choose_matrix_products()
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if params.device == "auto":
        return torch.device(next(name for name in present if present[name]))
    if not present[params.device]:
        raise PipelineError(
            f"params.yaml: train.device is {params.device!r}, which this machine lacks; "
            "use auto or cpu"
        )
    return torch.device(params.device)


def keep_freed_memory() -> None:
    """Stop glibc from handing freed memory back between steps.

    Each step takes and frees the same few MB; getting them back costs a page fault per 4 KiB, a
    tenth of a step (benchmarks/README.md).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(M_MMAP_THRESHOLD, 2**25)
        mallopt(M_TRIM_THRESHOLD, 2**30)


def choose_matrix_products() -> None:
    """Let oneDNN multiply float32 matrices on CPUs where it does so in float32.

    torch gives float32 products to MKL, which takes twice oneDNN's time on AMD CPUs. It asks oneDNN
    only where bf16 is allowed inside a product, and there oneDNN uses bf16 just on CPUs with units
    for it (AMX); elsewhere it computes in float32. So: allow it, look, and take it back if need be.
    """
    torch.backends.mkldnn.matmul.fp32_precision = "bf16"
    x, w = torch.linspace(-1, 1, 128 * 784).view(128, 784), torch.linspace(1, 3, 784 * 256)
    w = w.view(784, 256).sin()
    exact = x.double() @ w.double()
    if ((x @ w).double() - exact).abs().max() > 1e-5 * exact.abs().max():
        torch.backends.mkldnn.matmul.fp32_precision = "ieee"
