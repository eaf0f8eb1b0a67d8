"""What all parts of the benchmark share."""

import gzip
import os
import statistics
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
sys.path.insert(0, str(ROOT / "src"))


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def ratio(slow: list[float], fast: list[float]) -> float:
    """The median of how many times as long `slow` took, turn by turn."""
    return statistics.median(a / b for a, b in zip(slow, fast, strict=True))


def raw_files(folder: Path) -> Path:
    """Unpack the files in MNIST_MIRROR below `folder` as torchvision keeps them."""
    if "MNIST_MIRROR" not in os.environ:
        sys.exit("error: set MNIST_MIRROR to the folder of the four MNIST files")
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for packed in Path(os.environ["MNIST_MIRROR"]).glob("*.gz"):
        (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return folder


@contextmanager
def openmp_waits(settings: Mapping[str, str]) -> Iterator[None]:
    """The environment of the processes that start in it: what OpenMP's waiting threads do there,
    nothing of it from outside."""
    from mnist_vae.environment import SLEEP, SPIN

    before = {key: os.environ.pop(key) for key in SPIN | SLEEP if key in os.environ}
    os.environ.update(settings)
    try:
        yield
    finally:
        for key in settings:
            del os.environ[key]
        os.environ.update(before)
