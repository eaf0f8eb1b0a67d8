"""Which instructions this CPU has."""

import ctypes
import platform
import sys
from functools import cache
from pathlib import Path

# glibc's sys/platform/x86.h: indices of its copy of CPUID's leaves 1 and 7, and bits in them
LEAF_1, LEAF_7 = 0, 1
ECX, EBX = 2, 1
FMA, AVX2 = 1 << 12, 1 << 5


class Leaf(ctypes.Structure):
    """What the CPU has, and of that what the operating system lets programs use."""

    _fields_ = (("cpuid", ctypes.c_uint * 4), ("active", ctypes.c_uint * 4))


@cache
def has_avx2() -> bool:
    """Whether this is Linux on an x86-64 CPU with AVX2 and FMA: Intel's since 2013, AMD's since
    2015."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    look = getattr(ctypes.CDLL(None), "__x86_get_cpuid_feature_leaf", None)
    if look is None:  # glibc before 2.33
        return {"avx2", "fma"} <= set(Path("/proc/cpuinfo").read_text().split())
    look.argtypes, look.restype = [ctypes.c_uint], ctypes.POINTER(Leaf)
    return bool(
        look(LEAF_1).contents.active[ECX] & FMA and look(LEAF_7).contents.active[EBX] & AVX2
    )


def cpu_name() -> str:
    """`AMD EPYC`, as far as the system tells."""
    name, info = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    if info.exists():
        lines = (line.partition(":") for line in info.read_text().splitlines())
        name = next((value.strip() for key, _, value in lines if key.strip() == "model name"), name)
    return name
