"""What all parts of the benchmark share."""

import gzip
import os
import statistics
import sys
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
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for packed in Path(os.environ["MNIST_MIRROR"]).glob("*.gz"):
        (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return folder
