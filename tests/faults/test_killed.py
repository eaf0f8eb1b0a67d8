"""kill -9 of the stage, of dvc, of both; a copy of the folder at any moment; Ctrl-C."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from additions import normalised_network
from clone import DVC, Clone, stages_run, wait_for

# Some 5 to 20 seconds of training, hence at least one checkpoint.
LONG = {"dataset": "mnist_5k", "train__epochs": 80, "machine__threads": 1}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wanted(tmp_path_factory) -> dict[str, bytes]:
    """What an undisturbed training run gives."""
    clone = Clone(tmp_path_factory.mktemp("undisturbed") / "clone", **LONG)
    clone.dvc("repro", "train")
    return clone.outs("train")


@pytest.fixture
def clone(tmp_path) -> Clone:
    clone = Clone(tmp_path / "clone", **LONG)
    clone.dvc("repro", "download")
    return clone


def start_training(clone: Clone, output: Path) -> tuple[subprocess.Popen, psutil.Process]:
    """(dvc, the stage), once there is a checkpoint."""
    dvc = clone.start(*DVC, "repro", "train", output=output)
    clone.wait_for_checkpoint()
    family = psutil.Process(dvc.pid).children(recursive=True)
    (stage,) = (p for p in family if p.cmdline()[1:] == ["-E", "stages/train.py"])
    return dvc, stage


def finish(clone: Clone) -> str:
    """Run what is left, with another number of threads; returns what train printed."""
    clone.set(machine__threads=8)
    done = clone.dvc("repro", "train")
    assert not list((clone.path / "checkpoints").iterdir())
    return done.stdout


@pytest.mark.parametrize("victim", ["stage", "dvc", "group"])
def test_train_resumes_and_gives_the_same_bytes(clone, tmp_path, wanted, victim) -> None:
    dvc, stage = start_training(clone, tmp_path / "output")
    {"stage": stage.kill, "dvc": dvc.kill, "group": lambda: os.killpg(dvc.pid, signal.SIGKILL)}[
        victim
    ]()
    dvc.wait()
    assert not (clone.path / "models" / "vae.pt").exists()
    said = finish(clone)
    assert "resumes after epoch " in said
    assert clone.outs("train") == wanted
    psutil.wait_procs([stage], timeout=60)  # an orphan that outlived dvc
    assert clone.outs("train") == wanted


def test_so_does_a_network_with_batch_normalisation_and_dropout(tmp_path) -> None:
    undisturbed, clone = (Clone(tmp_path / name, **LONG) for name in ("undisturbed", "clone"))
    for each in (undisturbed, clone):
        normalised_network(each)
        each.dvc("repro", "download")
    undisturbed.dvc("repro", "evaluate")
    dvc, _ = start_training(clone, tmp_path / "output")
    os.killpg(dvc.pid, signal.SIGKILL)
    dvc.wait()
    assert "resumes after epoch " in clone.dvc("repro", "evaluate").stdout
    assert clone.outs("train", "evaluate") == undisturbed.outs("train", "evaluate")


def test_a_stage_whose_dvc_was_killed_stops_before_it_disturbs_the_next(tmp_path, clone) -> None:
    dvc, stage = start_training(clone, tmp_path / "output")
    dvc.kill()
    dvc.wait()
    clone.set(train__epochs=2)
    clone.dvc("repro", "train")
    psutil.wait_procs([stage], timeout=10)
    assert not stage.is_running()
    assert "error: dvc is gone, " in (tmp_path / "output").read_text()
    assert len((clone.path / "plots" / "loss.csv").read_text().splitlines()) == 3
    assert "Data and pipelines are up to date." in clone.dvc("repro", "train").stdout


def copy_live(folder: Path, copy: Path) -> None:
    """copytree of a folder in which temporary files come and go."""
    while True:
        try:
            shutil.copytree(folder, copy, symlinks=True)
            return
        except shutil.Error:
            shutil.rmtree(copy)


def test_a_copy_of_the_folder_at_any_moment_resumes(clone, tmp_path, wanted) -> None:
    """What a power cut leaves: whatever is on the disk at that instant."""
    dvc, _ = start_training(clone, tmp_path / "output")
    copies = []
    for number in range(2):
        copies.append(Clone.__new__(Clone))
        copies[-1].path = tmp_path / f"copy {number}"
        copy_live(clone.path, copies[-1].path)
        time.sleep(0.7)
    dvc.wait()
    assert clone.outs("train") == wanted
    for copy in copies:
        assert "resumes after epoch " in finish(copy)
        assert copy.outs("train") == wanted


def has_begun(dvc: subprocess.Popen) -> bool:
    """Whether dvc's stage has got to the first library that `_stage` imports, psutil."""
    for process in psutil.Process(dvc.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any("_psutil" in mapped.path for mapped in process.memory_maps()):
                return True
    return False


def interrupt(clone: Clone, stage: str, output: Path) -> bool:
    """Ctrl-C in the terminal, which both dvc and the stage receive; whether it ended the stage."""
    dvc = clone.start(*DVC, "repro", "--single-item", "--force", stage, output=output)
    wait_for(lambda: dvc.poll() is not None or has_begun(dvc), show=output.read_text)
    if dvc.poll() is None:
        os.killpg(dvc.pid, signal.SIGINT)
    status = dvc.wait(timeout=30)
    assert not list(clone.path.glob("*/.*.tmp"))
    said = output.read_text()
    clone.cure(said)
    return status != 0 and "error: interrupted" in said


def repro(clone: Clone, *arguments: str) -> str:
    """What dvc prints; if an interrupt cut one of its own files short, first do as documented."""
    done = clone.run(*DVC, "repro", *arguments, check=False)
    if done.returncode:
        assert clone.cure(done.stderr), done.stderr
        done = clone.dvc("repro", *arguments)
    return done.stdout


@pytest.mark.parametrize("file", [".dvc/tmp/rwlock", "dvc.lock"])
def test_a_file_that_dvc_left_cut_short_is_repaired_as_documented(tmp_path, file) -> None:
    clone = Clone(tmp_path / "clone", dataset="mnist_5k")
    clone.dvc("repro", "download")
    clone.commit()
    text = (clone.path / file).read_text()
    for length in (0, len(text) // 2):
        (clone.path / file).write_text(text[:length])
        repro(clone, "download")
        assert "Data and pipelines are up to date." in clone.dvc("repro", "download").stdout


@pytest.mark.usefixtures("heard")
def test_ctrl_c_costs_only_the_interrupted_stage(tmp_path) -> None:
    quick = {"dataset": "mnist_5k", "train__epochs": 3, "machine__threads": 1}
    # These differ in the libraries that Ctrl-C can meet: numpy, torch, matplotlib, sklearn.
    # check_params has none, and is over in a tenth of a second.
    stages = ["download", "train", "plot_loss", "classify@pixels"]
    undisturbed = Clone(tmp_path / "undisturbed", **quick)
    undisturbed.dvc("repro", *stages)
    clone, output = Clone(tmp_path / "clone", **quick), tmp_path / "output"
    clone.dvc("repro", "check_params")  # all wait for it
    for stage in stages:
        assert any(interrupt(clone, stage, output) for _ in range(20)), stage
        assert "Traceback" not in output.read_text()
        repro(clone, "--single-item", stage)
    assert not stages_run(repro(clone, *stages)), "the other stages are not repeated"
    assert "Data and pipelines are up to date." in clone.dvc("repro", *stages).stdout
    assert clone.outs(*stages) == undisturbed.outs(*stages)
