"""Do two runs differ by more than chance?

A and B are Git revisions, names of experiments, or "workspace". Both runs have seen the same test
images, so the differences of their nats, image by image, have a much smaller standard error than
either mean.
"""

import math
import tempfile
import textwrap
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_vae.compare.experiments import LOCK, Experiment, parse, read_commits
from mnist_vae.compare.settings import LIKELIHOOD, edited_code
from mnist_vae.compare.table import WIDTH
from mnist_vae.errors import DataError, PipelineError, WrongInputError, first_sentence
from mnist_vae.files.io import read_bytes
from mnist_vae.files.nats import ImageNats, load_nats
from mnist_vae.git import GitError, experiment_named, git
from mnist_vae.params.dotted import differences
from mnist_vae.params.loading import PARAMS

NATS = Path("data/test_nats.npz")
WORKSPACE = "workspace"
LONGEST = 30  # letters of a name above a column


class Difference(NamedTuple):
    """B minus A for one `term` of ImageNats: the mean over the test images, its standard error, and
    both means, in nats."""

    term: str
    mean: float
    stderr: float
    means: tuple[float, float]


def compare(a: ImageNats, b: ImageNats) -> list[Difference]:
    """Raises DataError if the two were scored on different pixels."""
    for key in ("dataset", LIKELIHOOD):
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


def run_of(revision: str) -> Experiment:
    """What a revision was made with. Raises PipelineError."""
    if revision == WORKSPACE:
        metrics = {path.as_posix(): path.read_bytes() for path in Path("metrics").glob("*.json")}
        return parse(revision, read_bytes(PARAMS), read_bytes(Path(LOCK)), metrics)
    try:
        commit = experiment_named(revision) or git(
            "rev-parse", "--verify", f"{revision}^{{commit}}"
        )
    except GitError:
        raise WrongInputError(f"{revision}: is neither a revision nor an experiment") from None
    (run,) = read_commits(Path(), {revision: commit})
    return run


def nats_of(run: Experiment) -> ImageNats:
    """What its `evaluate` left in DVC's cache. Raises PipelineError, also if that was made with
    other parameters than the run's."""
    if run.name == WORKSPACE:
        return expect_own(run, load_nats(NATS))
    from dvc.api import DVCFileSystem  # takes half a second to load

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / NATS.name
        try:
            DVCFileSystem(rev=run.name).get_file(NATS.as_posix(), str(copy))
        except Exception as error:  # DVC documents no closed list
            raise PipelineError(f"{run.name}: has no {NATS}: {first_sentence(error)}") from None
        return expect_own(run, load_nats(copy))


def expect_own(run: Experiment, nats: ImageNats) -> ImageNats:
    """Raises DataError."""
    if odd := differences({k: run.params.get(k) for k in nats.params}, nats.params):
        raise DataError(f"{run.name}: evaluate did not run; its {NATS} is of a run with {odd[0]}")
    return nats


def expect_same_images(a: Experiment, b: Experiment) -> None:
    """Raises DataError if a data set of one name held other images."""
    if a.params.get("dataset") == b.params.get("dataset") and a.images != b.images:
        raise DataError(
            f"datasets/{a.params.get('dataset')} held other images: not the same pixels"
        )


def print_pair(a: str, b: str) -> None:
    """What differs between the two, the terms of both, and their differences, in at most 100
    columns. Raises PipelineError."""
    first, second = run_of(a), run_of(b)
    expect_same_images(first, second)
    found = compare(nats_of(first), nats_of(second))
    odd = differences(first.params, second.params)
    odd += [f"code in {path}" for path in edited_code([first, second])]
    print(textwrap.fill(f"{b} differs from {a} in: {', '.join(odd) or 'nothing'}", WIDTH))
    names = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in (a, b)]
    width = max(9, *map(len, names))
    print(f"{'':15}{names[0]:>{width}}  {names[1]:>{width}}  difference")
    for row in found:
        means = "  ".join(f"{mean:{width}.2f}" for mean in row.means)
        print(f"{row.term:15}{means}  {row.mean:+.3f} +- {row.stderr:.3f}")
