"""Fixtures of the tests that run grids."""

from collections.abc import Iterator

import pytest
from sweeps.cluster import Slurm, missing
from sweeps.toy import Toy

GRID = ("-S", "latent_dim=1,2,4,8", "-S", "seed=0,1")


@pytest.fixture(scope="session")
def sequential(tmp_path_factory) -> dict[str, str]:
    """The trees of GRID's experiments, made by DVC alone, one after the other."""
    toy = Toy(tmp_path_factory.mktemp("sequential") / "toy")
    for dim in (1, 2, 4, 8):
        for seed in (0, 1):
            values = (f"latent_dim={dim}", f"seed={seed}")
            chosen = [word for value in values for word in ("-S", value)]
            toy.dvc("exp", "run", "--quiet", "--name", ",".join(values), *chosen)
    return toy.trees()


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
