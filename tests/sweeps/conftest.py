"""Fixtures of the tests that run grids."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clone import made_once
from sweeps.cluster import Slurm, missing
from sweeps.toy import Toy

GRID = ("-S", "latent_dim=1,2,8", "-S", "seed=0,1")
SEEDS = ("-S", "latent_dim=2", "-S", "seed=0,1")


def one_after_the_other(path: Path) -> None:
    toy = Toy(path)
    for dim in (1, 2, 8):
        for seed in (0, 1):
            values = (f"latent_dim={dim}", f"seed={seed}")
            chosen = [word for value in values for word in ("-S", value)]
            toy.dvc("exp", "run", "--quiet", "--name", ",".join(values), *chosen)


@pytest.fixture(scope="session")
def sequential(shared) -> dict[str, str]:
    """The trees of GRID's experiments, made by DVC alone."""
    return Toy.at(made_once(shared / "sequential", one_after_the_other)).trees()


def start_slowly(path: Path) -> None:
    Toy(path, steps=30).sweep("-S", "latent_dim=2", "-S", "seed=0")


@pytest.fixture(scope="session")
def first_done(shared) -> Toy:
    """Its points take three seconds; the first is done, so that no other is held back."""
    return Toy.at(made_once(shared / "first done", start_slowly))


@pytest.fixture(scope="session")
def undisturbed(shared, first_done) -> dict[str, str]:
    """The trees of SEEDS."""

    def go_on(path: Path) -> None:
        first_done.copy(path).sweep(*SEEDS)

    return Toy.at(made_once(shared / "both done", go_on)).trees()


@pytest.fixture(scope="session")
def slurm(tmp_path_factory) -> Iterator[Slurm]:
    if lacking := missing():
        pytest.skip(f"needs Slurm; not on PATH: {', '.join(lacking)}")
    cluster = Slurm(tmp_path_factory.mktemp("slurm") / "cluster")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
