"""Whether the last digits of this machine's results are those of every other, checked."""

import hashlib
import importlib
import platform
import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_info

from mnist_vae.errors import PipelineError
from mnist_vae.machine.cpu import has_avx2
from mnist_vae.machine.environment_variables import AVX2

if TYPE_CHECKING:
    import numpy as np
    import torch

PORTABLE = "last digits: the same on every x86-64 CPU with AVX2"
# Of what known_arrays and known_tensors give, the same on each CPU that was tried (docs/faults.md)
NUMPY_DIGEST = "74153f03226cbb87"
TORCH_DIGEST = "a1017e3bf455f8d6"
# MKL computes these from the CPU's approximate reciprocals and square roots, which Intel and AMD
# round in their own ways. torch.log1p, rsqrt and all others are free of them.
OWN_DIGITS = {"acos", "asin", "atan", "log", "log10", "log2", "logsumexp", "sqrt", "tan"}


def is_portable(device: "torch.device") -> bool:
    """Whether what is computed on `device` has the last digits of every other machine."""
    return device.type == "cpu" and has_avx2()


def arithmetic(device: "torch.device") -> str:
    """For the log: whether results computed on `device` have every machine's last digits."""
    if is_portable(device):
        return PORTABLE
    if device.type != "cpu":
        return f"last digits: this machine's own, for they are computed on {device}"
    return "last digits: this machine's own, for it is not Linux on an x86-64 CPU with AVX2"


def own_machine(device: "torch.device") -> str | None:
    """A name for this machine if its last digits are its own, else None."""
    if is_portable(device):
        return None
    if device.type == "cuda":
        import torch

        return torch.cuda.get_device_name(device)
    cpu = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    kind = re.findall(r"(?:model name|flags|CPU part|Features)\s*:.*", cpu)[:2]
    return "; ".join([platform.machine(), *kind])


@cache
def say_own_digits(function: str) -> None:
    """Once."""
    print(f"note: torch.{function} is used, whose last digits are this CPU's own", flush=True)


def expect_settings_obeyed() -> None:
    """Look at the libraries that are loaded. Raises PipelineError if one does not do as environment
    variables tell it, or computes other bits than those known."""
    if not has_avx2():
        return
    faults = openblas_faults()
    faults += numpy_faults() if "numpy" in sys.modules else []
    faults += torch_faults() if "torch" in sys.modules else []
    if faults:
        raise PipelineError(
            f"the last digits would be this machine's own: {'; '.join(faults)}; install what "
            "requirements.txt pins"
        )


def openblas_faults() -> list[str]:
    """numpy and scipy each bring an OpenBLAS of their own."""
    wanted = AVX2["OPENBLAS_CORETYPE"], 1
    return [
        f"{Path(found['filepath']).name} uses {found['architecture']} on {found['num_threads']} "
        "threads despite OPENBLAS_CORETYPE and OPENBLAS_NUM_THREADS"
        for found in threadpool_info()
        if found["internal_api"] == "openblas"
        and (found["architecture"], found["num_threads"]) != wanted
    ]


def numpy_faults() -> list[str]:
    # No public name says which sets of instructions are in use.
    numpy: Any = importlib.import_module("numpy._core._multiarray_umath")
    targets = [name for name in numpy.__cpu_dispatch__ if name.startswith(("X86_V4", "AVX512"))]
    used = [name for name in targets if numpy.__cpu_features__[name]]
    faults = [f"numpy uses {', '.join(used)} despite NPY_DISABLE_CPU_FEATURES"] if used else []
    if digest(known_arrays()) != NUMPY_DIGEST:
        faults.append("numpy computes other bits")
    return faults


def torch_faults() -> list[str]:
    import torch

    faults, capability = [], torch.backends.cpu.get_cpu_capability()
    if capability != "AVX2":
        faults.append(f"torch uses {capability} despite ATEN_CPU_CAPABILITY")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    if digest(known_tensors()) != TORCH_DIGEST:
        faults.append("torch computes other bits")
    torch.set_num_threads(threads)
    return faults


def known_input() -> "np.ndarray":
    """float32 numbers between 0 and 1, (256, 128), exactly the same everywhere."""
    import numpy as np

    numbers = np.arange(256 * 128) * 40503 % 65521
    return (numbers.astype(np.float32) / np.float32(65536)).reshape(256, 128)


def known_arrays() -> "list[np.ndarray]":
    """What numpy's own kernels and its OpenBLAS give. Not what the C library gives: `exp` of
    float64."""
    import numpy as np

    x = known_input()
    results = [function(x) for function in (np.exp, np.sin, np.tanh, np.sum)]
    return [*results, np.log(1 + x), x @ x.T, x.astype(np.float64) @ x.T]


def known_tensors() -> "list[np.ndarray]":
    """What oneDNN, MKL and torch's own kernels give: products, of a few columns and of several
    matrices, too; a convolution, functions, sums."""
    import torch

    x = torch.from_numpy(known_input())
    kernel, several = x[:8, :9].reshape(8, 1, 3, 3), x.view(8, 32, 128)
    results = [
        torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "") for weight in (x, x[:4])
    ]
    results += [torch.bmm(several, several.mT), x.sum(dim=1)]
    results += [torch.conv2d(x.view(32, 1, 32, 32), kernel, stride=2)]
    results += [function(x) for function in (torch.exp, torch.log1p, torch.sigmoid, torch.tanh)]
    return [result.numpy() for result in results]


def digest(arrays: "Sequence[np.ndarray]") -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()[:16]
