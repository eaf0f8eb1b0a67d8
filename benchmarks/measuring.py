"""What all parts of the benchmark share."""

import gzip
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SHELL = dict(os.environ)
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
def environment_of_shell() -> Iterator[None]:
    """For the processes that start in it, without the settings of our stages."""
    settled = dict(os.environ)
    os.environ.clear()
    os.environ.update(SHELL)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(settled)
