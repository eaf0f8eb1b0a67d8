"""Grids on this machine: a toy pipeline, and the real one once."""

import fcntl
import os
import re
import signal
import subprocess
import sys

import psutil
import pytest
from clone import DVC, wait_for
from sweeps.conftest import GRID, SEEDS
from sweeps.toy import Toy

from mnist_vae.sweeps.points import MAX_BYTES, name

pytestmark = pytest.mark.slow
FULL = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "t", "/mnt"], capture_output=True)


def test_a_grid_gives_the_trees_of_sequential_runs_and_leaves_no_trace(
    tmp_path, sequential
) -> None:
    toy = Toy(tmp_path / "a toy, with a comma")
    before = toy.state()
    said = toy.sweep(*GRID, "--jobs", "2").stdout
    assert toy.trees() == sequential
    assert said.splitlines()[0] == "6 points, 6 to run"
    finished = [line.split()[1] for line in said.splitlines() if line.startswith("done ")]
    assert finished[0] == "latent_dim=1,seed=0"
    assert set(finished) == set(sequential)
    assert toy.state() == before
    assert toy.leftovers() == []
    assert set(toy.kinds(*GRID).values()) == {"done"}

    again = toy.sweep(*GRID, "--jobs", "2").stdout  # nothing is left to do
    assert again.splitlines()[0] == "6 points, 0 to run"
    more = toy.sweep("-S", "seed=1,2", "-S", "latent_dim=8", "--jobs", "2").stdout
    assert more.splitlines()[0] == "2 points, 1 to run"
    toy.dvc("exp", "apply", "latent_dim=8,seed=2")
    assert (toy.path / "out.bin").read_bytes() == bytes([8, 2]) * 500
    changed = toy.sweep(*GRID, check=False)
    assert changed.returncode == 2
    assert changed.stderr.startswith("error: .gitignore, params.yaml: changed since the last")


def test_the_points_are_those_that_dvc_would_queue(tmp_path) -> None:
    toy = Toy(tmp_path / "toy")
    grid = ("-S", "seed=range(0,2)", "-S", "train.learning_rate=1e-3,3e-5", "-S", "latent_dim=4")
    toy.dvc("exp", "run", "--queue", *grid)
    toy.sweep(*grid, "--jobs", "2")
    stashed = toy.git("reflog", "refs/exps/celery/stash", "--format=%H").split()
    queued = {toy.git("show", f"{commit}:params.yaml") for commit in stashed}
    head = toy.git("rev-parse", "HEAD").strip()
    ref = f"refs/exps/{head[:2]}/{head[2:]}/"
    assert {toy.git("show", f"{ref}{name}:params.yaml") for name in toy.trees()} == queued
    assert len(queued) == 4


def test_a_failed_point_disturbs_no_other_and_says_why(tmp_path) -> None:
    toy = Toy(tmp_path / "toy")
    grid = ("-S", "latent_dim=7,9,2", "--jobs", "2")
    done = toy.sweep(*grid, check=False)
    assert done.returncode == 1
    assert list(toy.trees()) == ["latent_dim=2"]
    said = toy.sweep(*grid, "--status", check=False)
    assert said.returncode == 1
    lines = {line.split()[1]: line for line in said.stdout.splitlines()[:-1]}
    log = r".dvc/tmp/sweep/"
    assert lines["latent_dim=7"].startswith(
        "failed   latent_dim=7  error: seven is refused; " + log
    )
    assert "OSError: [Errno 28] No space left on device" in lines["latent_dim=9"]
    assert said.stdout.splitlines()[-1] == "2 failed, 1 done"
    assert "Traceback" not in done.stderr + said.stderr
    assert toy.sweep(*grid, check=False).stdout.splitlines()[0] == "3 points, 2 to run"


def test_wrong_points_are_listed_and_nothing_runs(tmp_path) -> None:
    toy = Toy(tmp_path / "toy")
    wrong = toy.sweep("-S", "latent_dim=0,1,-1", check=False)
    assert wrong.returncode == 2
    lines = wrong.stderr.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["error", "latent_dim=0"],
        ["error", "latent_dim=-1"],
    ]
    slurm = toy.sweep("-S", "seed=1", "--cluster", "slurm", check=False, PATH=no_slurm(toy))
    assert slurm.stderr.splitlines() == ["error: there is no Slurm here: scontrol is not on PATH"]
    assert slurm.returncode == 1
    assert toy.trees() == {}
    assert toy.kinds("-S", "seed=1") == {"seed=1": "waiting"}


def no_slurm(toy: Toy) -> str:
    """A PATH with Python and Git alone."""
    folder = toy.path.parent / "bin"
    folder.mkdir()
    for tool in ("python", "git"):
        found = toy.run("sh", "-c", f"command -v {tool}").stdout.strip()
        (folder / tool).write_text(f'#!/bin/sh\nexec "{found}" "$@"\n')
        (folder / tool).chmod(0o755)
    return str(folder)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("victim", ["launcher", "worker", "everything", "Ctrl-C"])
def test_a_killed_grid_goes_on_to_the_same_trees(tmp_path, first_done, undisturbed, victim) -> None:
    toy = first_done.copy(tmp_path / "toy")
    hold = toy.hold("latent_dim=2,seed=1")
    sweep = toy.start_sweep(*SEEDS, output=tmp_path / "said")
    steps = toy.path / "checkpoints/latent_dim=2,seed=1/step"
    wait_for(lambda: steps.exists() and int(steps.read_text()) > 2, (tmp_path / "said").read_text)
    family = psutil.Process(sweep.pid).children(recursive=True)
    workers = [p for p in family if "--worker" in p.cmdline()]
    before = toy.state()
    for process in {"worker": workers, "everything": family}.get(victim, []):
        process.kill()
    if victim != "worker":
        sweep.send_signal(signal.SIGINT if victim == "Ctrl-C" else signal.SIGKILL)
    sweep.wait()
    if victim == "Ctrl-C":
        said = (tmp_path / "said").read_text()
        assert said.endswith("interrupted; run the same command again to continue\n")
    psutil.wait_procs(workers, timeout=10)
    assert toy.state() == before
    resumed = toy.start_sweep(*SEEDS, output=tmp_path / "resumed")
    wait_for(lambda: any("resumes after step" in log.read_text() for log in logs_of(toy)))
    hold.unlink()
    assert resumed.wait(120) == 0, (tmp_path / "resumed").read_text()
    assert toy.trees() == undisturbed
    assert toy.leftovers() == []


def test_a_point_held_by_a_dying_worker_is_waited_for_and_then_run(tmp_path) -> None:
    toy = Toy(tmp_path / "toy")
    head = toy.git("rev-parse", "HEAD").strip()
    log = toy.path / f".dvc/tmp/sweep/{head[:12]}/seed=1/log"
    log.parent.mkdir(parents=True)
    with log.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = tmp_path / "said"
        sweep = toy.start_sweep("-S", "seed=1", output=said)
        wait_for(lambda: said.read_text() == "1 points, 0 to run, 1 under way\n", said.read_text)
        wait_for(lambda: psutil.Process(sweep.pid).children(), said.read_text)
    assert sweep.wait(60) == 0, said.read_text()
    assert list(toy.trees()) == ["seed=1"]
    assert toy.leftovers() == []


def test_a_grid_ends_as_it_began_although_the_user_commits_meanwhile(tmp_path) -> None:
    toy, said = Toy(tmp_path / "toy", steps=6), tmp_path / "said"
    hold = toy.hold(name([longest_point()]))
    sweep = toy.start_sweep("-S", longest_point(), output=said)
    wait_for(lambda: list(toy.path.glob("checkpoints/*/step")), said.read_text)
    (toy.path / "toy.py").write_text("raise SystemExit('an edit')")
    toy.commit()
    hold.unlink()
    assert sweep.wait(60) == 0, said.read_text()
    assert "runs: 1\n" in said.read_text()


def longest_point() -> str:
    """A value that gives an experiment the longest name that is allowed."""
    start = "model.mlp.hidden_dims="
    widths, rest = divmod(MAX_BYTES - len(start) + 1, len("16-"))
    first = "16" + "0" * rest
    assert len("-".join([start + first, *["16"] * (widths - 1)])) == MAX_BYTES
    return f"{start}[{','.join([first, *['16'] * (widths - 1)])}]"


def logs_of(toy: Toy):
    return toy.path.glob(".dvc/tmp/sweep/*/*seed=1/log")


def test_two_terminals_with_the_same_grid_share_the_work(tmp_path) -> None:
    toy = Toy(tmp_path / "toy", steps=10)
    grid = ("-S", "seed=0,1,2", "--jobs", "2")
    both = [toy.start_sweep(*grid, output=tmp_path / str(i)) for i in (0, 1)]
    assert [sweep.wait(120) for sweep in both] == [0, 0]
    assert len(toy.trees()) == 3
    assert toy.leftovers() == []


@pytest.mark.skipif(FULL.returncode != 0, reason="needs to mount a tmpfs: unshare -rm")
def test_a_full_disk_in_one_clone_costs_that_point_alone(tmp_path) -> None:
    toy = Toy(tmp_path / "toy")
    toy.sweep("-S", "seed=0")
    head = toy.git("rev-parse", "HEAD").strip()[:12]
    folder = f".dvc/tmp/sweep/{head}/seed=1"
    script = (
        f"mkdir -p {folder} && mount -t tmpfs -o size=300k tmpfs {folder} && "
        "python sweep.py -S seed=1,2 --jobs 2"
    )
    done = toy.run("unshare", "-rm", "sh", "-c", script, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search("No space left|unable to write file", done.stdout), done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert set(toy.trees()) == {"seed=0", "seed=2"}
    assert toy.sweep("-S", "seed=1").returncode == 0  # there is room again


def test_the_real_pipeline_killed_and_resumed_gives_the_bytes_of_dvc_alone(
    before_long_training, tmp_path
) -> None:
    clone, alone = (before_long_training.copy(tmp_path / name) for name in ("clone", "alone"))
    command = ("sweep.py", "-S", "latent_dim=3")
    sweep = clone.start(sys.executable, *command, output=tmp_path / "said")
    wait_for(
        lambda: list((clone.path / "checkpoints").glob("*=3/[!.]*.pt")),
        (tmp_path / "said").read_text,
        seconds=240,
    )
    os.killpg(sweep.pid, signal.SIGKILL)
    sweep.wait()
    clone.run("python", *command)
    alone.run(*DVC, "exp", "run", "--name", "latent_dim=3", "-S", "latent_dim=3")
    trees = []
    for repository in (clone, alone):
        head = repository.git("rev-parse", "HEAD").strip()
        ref = f"refs/exps/{head[:2]}/{head[2:]}/latent_dim=3"
        trees.append(repository.git("rev-parse", f"{ref}^{{tree}}"))
        objects = repository.git("rev-list", "--disk-usage", "--objects", ref, f"^{head}")
        assert int(objects) < 50_000, "what a point costs Git"
    assert trees[0] == trees[1]
