"""Do two runs differ by more than chance?

A and B are Git revisions, names of experiments, or "workspace". Both runs have seen the same test
images, so the differences of their nats, image by image, have a much smaller standard error than
either mean.
"""

import math
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_vae.errors import DataError, PipelineError, first_sentence
from mnist_vae.files.nats import ImageNats, load_nats

NATS = Path("data/test_nats.npz")
SAME_IMAGES = "dataset", "model.likelihood"  # what decides which pixels a run is scored on


class Difference(NamedTuple):
    """B minus A for one `term` of ImageNats: the mean over the test images, its standard error, and
    both means, in nats."""

    term: str
    mean: float
    stderr: float
    means: tuple[float, float]


def compare(a: ImageNats, b: ImageNats) -> list[Difference]:
    """Raises DataError if the two were scored on different pixels."""
    for key in SAME_IMAGES:
        if a.params[key] != b.params[key]:
            raise DataError(f"{key} is {a.params[key]} and {b.params[key]}: not the same pixels")
    terms = ["neg_elbo_nats", "recon_nats", "kl_nats"]
    if len(a.test_nll_nats) and len(b.test_nll_nats):
        terms.insert(0, "nll_nats")
    return [difference(term, a, b) for term in terms]


def difference(term: str, a: ImageNats, b: ImageNats) -> Difference:
    first, second = (getattr(run, f"test_{term}").astype(np.float64) for run in (a, b))
    paired = second - first
    stderr = paired.std(ddof=1) / math.sqrt(len(paired))
    return Difference(term, paired.mean(), stderr, (first.mean(), second.mean()))


def nats_of(revision: str) -> ImageNats:
    """What a revision's run left in DVC's cache. Raises PipelineError."""
    if revision == "workspace":
        return load_nats(NATS)
    from dvc.api import DVCFileSystem  # takes half a second to load

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / NATS.name
        try:
            DVCFileSystem(rev=revision).get_file(NATS.as_posix(), str(copy))
        except Exception as error:  # DVC documents no closed list
            raise PipelineError(f"{revision}: has no {NATS}: {first_sentence(error)}") from None
        return load_nats(copy)


def print_pair(a: str, b: str) -> None:
    """The terms of both runs, and their differences. Raises PipelineError."""
    found = compare(nats_of(a), nats_of(b))
    width = max(9, len(a), len(b))
    print(f"{'':15}{a:>{width}}  {b:>{width}}  difference")
    for row in found:
        means = "  ".join(f"{mean:{width}.2f}" for mean in row.means)
        print(f"{row.term:15}{means}  {row.mean:+.3f} +- {row.stderr:.3f}")
