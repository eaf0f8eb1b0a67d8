"""`python compare.py` in a repository with experiments that DVC made."""

import os
import subprocess
import sys

import pytest
from clone import DVC
from sweeps.toy import Toy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> Toy:
    """Two experiments; a third failed in the queue."""
    toy = Toy(tmp_path_factory.mktemp("compare") / "a toy", steps=1)
    toy.dvc("repro")
    toy.commit()
    for dim in (3, 4):
        toy.dvc("exp", "run", "--temp", "-S", f"latent_dim={dim}", "--name", f"dim{dim}")
    toy.dvc("exp", "run", "--queue", "-S", "latent_dim=7", "--name", "seven")
    toy.run(*DVC, "exp", "run", "--run-all", check=False)
    return toy


def compare(toy: Toy, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return toy.run(sys.executable, "compare.py", *arguments, check=check)


def test_each_run_is_a_line_and_says_what_has_no_result(toy) -> None:
    lines = compare(toy).stdout.splitlines()
    assert lines[0].split() == ["run", "differs", "in", "test", "-ELBO", "note"]
    assert [line.split() for line in lines[1:4]] == [
        ["dim3", "latent_dim=3", "147.00"],
        ["dim4", "latent_dim=4", "146.00"],
        ["seven", "-", "failed"],
    ]
    assert "without a result: 1 failed (`dvc queue status`, `sweep.py --status`)" in lines
    assert max(map(len, lines)) <= 100


def test_after_a_commit_the_newest_one_with_experiments_is_named(toy) -> None:
    head = toy.git("rev-parse", "HEAD").strip()
    toy.git(
        "-c", "user.name=t", "-c", "user.email=t@e", "commit", "-q", "--allow-empty", "-m", "next"
    )
    refused = compare(toy, check=False)
    toy.git("reset", "--quiet", "--hard", head)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: there is no experiment on HEAD; the newest that has ")
    assert refused.stderr.endswith(f": --commit {head[:7]}\n")
    assert compare(toy, "--commit", head[:7]).stdout.splitlines()[1].startswith("dim3 ")


def test_a_reader_that_closes_the_pipe_gets_no_error(toy) -> None:
    command = f"{sys.executable} compare.py | head -1"
    done = subprocess.run(
        command, cwd=toy.path, shell=True, env=os.environ, capture_output=True, text=True
    )
    assert done.stdout.startswith("run ")
    assert done.stderr == ""
