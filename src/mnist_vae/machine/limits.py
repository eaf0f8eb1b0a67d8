"""What of this machine's cores and memory this process may use: containers, batch systems and
`taskset` leave less than there is.

cgroups are described in Linux's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")


def cores() -> list[int]:
    """The numbers of the cores on which this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def usable_cores() -> float:
    """How many cores' time this process may take, at most."""
    allowed = [float(len(cores())), *(quota.cores for quota in quotas())]
    given = os.environ.get("SLURM_CPUS_PER_TASK", "")
    return min([*allowed, float(given)] if given.isdecimal() and int(given) else allowed)


def usable_memory() -> int:
    """Bytes of memory that this process may take, at most."""
    limits = [number(folder, "memory.max", "memory.limit_in_bytes") for folder in cgroups("memory")]
    return int(min([psutil.virtual_memory().total, *(n for n in limits if n is not None)]))


class Quota(NamedTuple):
    """A cgroup whose processes may together use so many `cores`."""

    folder: Path
    cores: float

    def used(self) -> float:
        """Seconds of CPU time that they have used so far; 0 where version 1 does not count them
        in the same folder."""
        with contextlib.suppress(OSError):  # version 1
            return int((self.folder / "cpuacct.usage").read_text()) / 1e9
        with contextlib.suppress(OSError, ValueError):
            fields = (self.folder / "cpu.stat").read_text().split()
            return int(fields[fields.index("usage_usec") + 1]) / 1e6
        return 0.0


def quotas() -> list[Quota]:
    """Of this process's cgroup and those around it."""
    found = []
    for folder in cgroups("cpu"):
        period = number(folder, "cpu.cfs_period_us")
        share = number(folder, "cpu.cfs_quota_us") or -1
        with contextlib.suppress(OSError, ValueError):  # `max 100000` is no limit
            share, period = map(int, (folder / "cpu.max").read_text().split())
        if share > 0 and period:
            found.append(Quota(folder, share / period))
    return found


def cgroups(controller: str) -> Iterator[Path]:
    """The folders of this process's cgroup for `controller` and of those around it, as far as they
    are visible here: a container sees its own as the root."""
    if not OWN_CGROUPS.is_file():
        return
    for line in OWN_CGROUPS.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:  # version 2
            roots = [CGROUPS, CGROUPS / "unified"]
        elif controller in controllers.split(","):
            roots = [CGROUPS / controller]
        else:
            continue
        for root in roots:
            own = root / path.lstrip("/")
            for folder in (own, *own.parents):
                if folder.is_dir():
                    yield folder
                if folder == root:
                    break


def number(folder: Path, *names: str) -> int | None:
    """The number in the first of these files that exists; None if it sets no limit."""
    for name in names:
        with contextlib.suppress(OSError, ValueError):
            return int((folder / name).read_text())
    return None
