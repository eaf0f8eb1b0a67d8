"""Grids on a Slurm of two nodes, which the fixture starts on this machine."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clone import wait_for
from sweeps.cluster import Slurm
from sweeps.conftest import GRID, SEEDS
from sweeps.toy import Toy

pytestmark = pytest.mark.slow
SECOND = "latent_dim=2,seed=1"


class Cluster:
    """A toy and the Slurm on which its grids run."""

    def __init__(self, toy: Toy, slurm: Slurm) -> None:
        self.toy, self.slurm = toy, slurm

    def submit(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        arguments = (*arguments, "--cluster", "slurm")
        return self.toy.sweep(*arguments, check=check, **self.slurm.environment)

    def kinds(self, *arguments: str) -> dict[str, str]:
        return self.toy.kinds(*arguments, **self.slurm.environment)

    def wait(self, *arguments: str) -> dict[str, str]:
        """Until nothing is running or waiting; requeued jobs do not sit out Slurm's two minutes."""

        def ended() -> bool:
            jobs = self.slurm.run("squeue", "--me", "--noheader", "--array", "--format=%A %r")
            for job in re.findall(r"(\d+) BeginTime", jobs):
                time.sleep(2)  # a node refuses a job that comes back within a second
                self.slurm.run("scontrol", "update", f"jobid={job}", "starttime=now", check=False)
            return not jobs

        wait_for(ended, lambda: self.slurm.run("squeue"), seconds=120)
        return self.kinds(*arguments)

    def job(self, name: str) -> str:
        """The id of the running job of the point `name`, whose training is on its way."""
        step = self.toy.path / "checkpoints" / name / "step"
        wait_for(lambda: step.exists() and int(step.read_text()) > 5)
        said = self.slurm.run("squeue", "--me", "--noheader", "--state=RUNNING", "--format=%A")
        (job,) = said.splitlines()
        return job

    def log(self, name: str) -> str:
        (log,) = self.toy.path.glob(f".dvc/tmp/sweep/*/{name}/log")
        return log.read_text()


@pytest.fixture
def cluster(tmp_path, slurm) -> Iterator[Cluster]:
    yield Cluster(Toy(tmp_path / "a toy"), slurm)
    slurm.run("scancel", "--me")
    wait_for(lambda: not slurm.run("squeue", "--me", "--noheader"))


@pytest.fixture
def slow(tmp_path, slurm, first_done) -> Iterator[Cluster]:
    found = Cluster(first_done.copy(tmp_path / "a toy"), slurm)
    yield found
    slurm.run("scancel", "--me")
    wait_for(lambda: not slurm.run("squeue", "--me", "--noheader"))


def test_six_points_on_two_nodes_give_the_trees_of_sequential_runs(cluster, sequential) -> None:
    before = cluster.toy.state()
    eight_cores_a_node = "--sbatch", "--cpus-per-task=2"  # so that one node does not hold all
    said = cluster.submit(*GRID, *eight_cores_a_node).stdout
    assert re.search(r"^submitted as \d+, \d+;", said, re.MULTILINE)
    again = cluster.submit(*GRID).stdout
    assert again.splitlines()[0] == "6 points, 0 to run", "they are queued"
    seen = set()

    def watch() -> bool:
        kinds = cluster.kinds(*GRID)
        seen.update(kinds.values())
        if kinds["latent_dim=1,seed=0"] != "done":
            assert {kinds[name] for name in kinds if name != "latent_dim=1,seed=0"} == {"waiting"}
        return set(kinds.values()) == {"done"}

    wait_for(watch, lambda: cluster.slurm.run("squeue"), seconds=120)
    assert seen == {"waiting", "running", "done"}
    assert cluster.toy.trees() == sequential
    assert cluster.toy.state() == before
    nodes = cluster.slurm.run("scontrol", "show", "jobs")
    assert "NodeList=n1" in nodes
    assert "NodeList=n2" in nodes
    assert "NumCPUs=2 " in nodes


def test_a_requeued_point_resumes_to_the_same_tree(slow, undisturbed) -> None:
    hold = slow.toy.hold(SECOND)
    slow.submit(*SEEDS)
    slow.slurm.run("scontrol", "requeue", slow.job(SECOND))
    wait_for(lambda: slow.kinds(*SEEDS)[SECOND] == "waiting")
    hold.unlink()
    assert set(slow.wait(*SEEDS).values()) == {"done"}
    assert slow.toy.trees() == undisturbed


def test_a_cancelled_point_is_failed_and_the_same_line_finishes_it(slow, undisturbed) -> None:
    hold = slow.toy.hold(SECOND)
    slow.submit(*SEEDS)
    slow.slurm.run("scancel", slow.job(SECOND))
    assert slow.wait(*SEEDS) == {"latent_dim=2,seed=0": "done", SECOND: "failed"}
    assert "resumes" not in slow.log(SECOND)
    slow.submit(*SEEDS)
    wait_for(lambda: "resumes after step" in slow.log(SECOND))
    hold.unlink()
    slow.wait(*SEEDS)
    assert slow.toy.trees() == undisturbed


def test_a_preempted_point_resumes_to_the_same_tree(slow, undisturbed) -> None:
    hold = slow.toy.hold(SECOND)
    slow.submit(*SEEDS, "--sbatch", "--partition=low")
    slow.job(SECOND)
    urgent = ("--partition=high", "--nodes=2", "--exclusive", "--wrap=true")
    slow.slurm.run("sbatch", "--output=/dev/null", *urgent)
    wait_for(lambda: slow.kinds(*SEEDS)[SECOND] == "waiting", lambda: slow.slurm.run("squeue"))
    hold.unlink()
    assert set(slow.wait(*SEEDS).values()) == {"done"}
    assert slow.toy.trees() == undisturbed


def test_a_point_at_its_time_limit_requeues_itself_and_resumes(slow, undisturbed) -> None:
    hold = slow.toy.hold(SECOND)
    slow.submit(*SEEDS)
    slow.slurm.run("scancel", "--signal=USR1", "--batch", slow.job(SECOND))
    wait_for(lambda: "error: stopped by SIGUSR1" in slow.log(SECOND))
    hold.unlink()
    assert set(slow.wait(*SEEDS).values()) == {"done"}
    assert slow.toy.trees() == undisturbed


def test_a_point_that_used_up_its_restarts_is_failed(cluster) -> None:
    cluster.submit(*SEEDS)
    cluster.wait(*SEEDS)
    cluster.toy.git("update-ref", "-d", ref(cluster.toy, SECOND))
    (plan,) = cluster.toy.path.glob(".dvc/tmp/sweep/*/slurm-*.json")
    worker = ("python", "sweep.py", "--worker", str(plan), "1")
    done = cluster.toy.run(*worker, check=False, SLURM_RESTART_COUNT="11")
    assert done.returncode == 1
    said = cluster.toy.sweep(*SEEDS, "--status", check=False, **cluster.slurm.environment)
    assert f"failed   {SECOND}  error: given up after 10 restarts by Slurm; .dvc" in said.stdout


def ref(toy: Toy, name: str) -> str:
    head = toy.git("rev-parse", "HEAD").strip()
    return f"refs/exps/{head[:2]}/{head[2:]}/{name}"


def test_several_points_a_job_and_one_that_fails(cluster) -> None:
    grid = ("-S", "latent_dim=7,2", "-S", "seed=0,1")
    cluster.submit(*grid, "--points-per-job", "2", "--jobs", "1")
    jobs = cluster.slurm.run("squeue", "--me", "--noheader", "--array", "--format=%F_%K")
    assert len(jobs.splitlines()) == 3  # one alone, two, one
    kinds = cluster.wait(*grid)
    assert {name: kind for name, kind in kinds.items() if "=7" in name} == {
        f"latent_dim=7,seed={seed}": "failed" for seed in (0, 1)
    }
    assert {kind for name, kind in kinds.items() if "=2," in name} == {"done"}


REFUSED = [
    (["--sbatch=--partition=none"], "invalid partition specified: none"),
    (["--sbatch=--no-such-option"], "sbatch: unrecognized option '--no-such-option'"),
    (["-S", "latent_dim=range(1,201)"], "which holds 100: use --points-per-job 5"),
]


def test_what_slurm_refuses_is_a_line_and_nothing_is_lost(cluster) -> None:
    for arguments, reason in REFUSED:
        done = cluster.submit("-S", "seed=0,1", *arguments, check=False)
        assert done.returncode in (1, 2)
        assert reason in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("error: ")
        assert set(cluster.kinds("-S", "seed=0,1").values()) == {"waiting"}
        assert not list(Path(cluster.toy.path).glob(".dvc/tmp/sweep/*/*.json"))


def test_a_controller_that_does_not_answer_is_no_dead_point(slow) -> None:
    slow.submit(*SEEDS)
    slow.job(SECOND)
    nowhere = {"SLURM_CONF": "/dev/null"}
    done = slow.toy.sweep(*SEEDS, check=False, **nowhere)
    assert done.returncode == 1
    assert done.stderr.startswith("error: squeue: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_held_job_says_why_and_one_cancelled_before_it_starts_runs_again(
    slow, undisturbed
) -> None:
    slow.submit(*SEEDS, "--sbatch", "--hold", check=False)

    def said() -> subprocess.CompletedProcess[str]:
        return slow.toy.sweep(*SEEDS, "--status", check=False, **slow.slurm.environment)

    wait_for(lambda: "JobHeldUser" in said().stdout, lambda: said().stdout)
    assert re.search(rf"^failed   {SECOND}  job \d+_\d, PENDING: JobHeldUser$", said().stdout, re.M)
    assert said().returncode == 1
    slow.slurm.run("scancel", "--me")
    wait_for(lambda: "ended before it started" in said().stdout, lambda: said().stdout)
    slow.submit(*SEEDS)
    assert set(slow.wait(*SEEDS).values()) == {"done"}
    assert slow.toy.trees() == undisturbed
