"""Where experiments cannot be kept, nothing starts; and what logs say of their points."""

import errno
import fcntl
import subprocess
from pathlib import Path

import pytest

from mnist_vae.errors import PipelineError
from mnist_vae.git import git
from mnist_vae.sweeps.base import Plan, Point, find_base, refuse_changes
from mnist_vae.sweeps.status import ATTEMPT, State, states
from mnist_vae.sweeps.worker import finish


@pytest.fixture
def repository(tmp_path) -> Path:
    folder = tmp_path / "a repository"
    folder.mkdir()
    git("init", "--quiet", folder=folder)
    (folder / "params.yaml").write_text("seed: 0\n")
    return folder


def commit(folder: Path) -> None:
    git("add", "--all", folder=folder)
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    git(*who, "commit", "--quiet", "--message=state", folder=folder)


def test_no_repository_no_commit_and_a_shallow_clone_are_refused(tmp_path, repository) -> None:
    with pytest.raises(PipelineError, match=r"^git rev-parse: fatal: not a git repository"):
        find_base(tmp_path)
    with pytest.raises(PipelineError, match=r"^there is no commit, and"):
        find_base(repository)
    commit(repository)
    (repository / "params.yaml").write_text("seed: 1\n")
    commit(repository)
    git("clone", "-q", "--depth=1", f"file://{repository}", "shallow", folder=tmp_path)
    with pytest.raises(PipelineError, match="shallow clone keeps no experiments"):
        find_base(tmp_path / "shallow")


def test_changes_of_tracked_files_are_refused_and_others_are_not(repository) -> None:
    commit(repository)
    base = find_base(repository)
    (repository / "untracked").write_text("")
    refuse_changes(base)
    (repository / "params.yaml").write_text("seed: 1\n")
    with pytest.raises(PipelineError, match=r"^params\.yaml: changed since the last commit"):
        refuse_changes(base)


EPOCHS = "Running stage 'train':\nepoch   1/30   train\nepoch   2/30   train\n"
LOGS = [
    ("", State("waiting")),
    (EPOCHS, State("failed", "killed after `epoch   2/30   train`")),
    (f"{EPOCHS}error: it broke\nERROR: failed\nerror: dvc\n", State("failed", "error: it broke")),
    (f"{EPOCHS}Traceback\nValueError: no\nerror: dvc\n", State("failed", "ValueError: no")),
    (f"error: old\n{ATTEMPT} 2\n{EPOCHS}", State("failed", "killed after `epoch   2/30   train`")),
]


@pytest.mark.parametrize(("log", "wanted"), LOGS)
def test_the_last_attempt_tells_why_a_point_failed(repository, log, wanted) -> None:
    commit(repository)
    base = find_base(repository)
    file = base.folder / "seed=1" / "log"
    if log:
        file.parent.mkdir(parents=True)
        file.write_text(f"{ATTEMPT} 1\n{log}")
    found = states(base, [Point("seed=1", ["seed=1"])])["seed=1"]
    assert found.kind == wanted.kind
    assert found.note.partition("; ")[0] == wanted.note
    assert found.to_run


def test_a_locked_log_is_a_running_point_and_a_ref_is_a_done_one(repository) -> None:
    commit(repository)
    base = find_base(repository)
    log = base.folder / "seed=1" / "log"
    log.parent.mkdir(parents=True)
    log.write_text(f"{ATTEMPT} 1\n{EPOCHS}")
    point = Point("seed=1", ["seed=1"])
    holder = subprocess.Popen(["flock", str(log), "sleep", "60"])
    try:
        while subprocess.run(["flock", "--nonblock", str(log), "true"]).returncode == 0:
            pass
        assert states(base, [point])["seed=1"] == State("running", "train, epoch 2/30")
    finally:
        holder.kill()
        holder.wait()
    git("update-ref", base.ref("seed=1"), base.head, folder=repository)
    assert states(base, [point])["seed=1"] == State("done")


def test_a_file_system_that_refuses_locks_is_named_with_the_log(repository, monkeypatch, capsys):
    commit(repository)
    base, point = find_base(repository), Point("seed=1", ["seed=1"])

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert not finish(Plan(base, [], [[point]]), point, lambda: None, 0)
    log = base.folder / "seed=1" / "log"
    assert capsys.readouterr().err == (
        f"error: seed=1: [Errno 37] cannot be locked: No locks available: '{log}'\n"
    )
