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
from clone import DVC, QUICK, Clone, held, stages_run, wait_for
from extensions import normalised_network
from generated_images import save_files, shapes

pytestmark = pytest.mark.slow


@pytest.fixture
def clone(before_long_training, tmp_path) -> Clone:
    return before_long_training.copy(tmp_path / "clone")


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
def test_train_resumes_and_gives_the_same_bytes(clone, tmp_path, long_training, victim) -> None:
    dvc, stage = start_training(clone, tmp_path / "output")
    {"stage": stage.kill, "dvc": dvc.kill, "group": lambda: os.killpg(dvc.pid, signal.SIGKILL)}[
        victim
    ]()
    dvc.wait()
    assert not (clone.path / "models" / "vae.pt").exists()
    said = finish(clone)
    assert "resumes after epoch " in said
    assert clone.outs("train") == long_training
    psutil.wait_procs([stage], timeout=60)  # an orphan that outlived dvc
    assert clone.outs("train") == long_training


def test_so_does_a_network_with_batch_normalisation_and_dropout(clone, tmp_path) -> None:
    normalised_network(clone)
    undisturbed = clone.copy(tmp_path / "undisturbed")
    undisturbed.dvc("repro", "train")
    dvc, _ = start_training(clone, tmp_path / "output")
    os.killpg(dvc.pid, signal.SIGKILL)
    dvc.wait()
    assert "resumes after epoch " in clone.dvc("repro", "train").stdout
    assert clone.outs("train") == undisturbed.outs("train")


def test_so_do_coloured_images_of_ones_own(clone, tmp_path) -> None:
    save_files(clone.path / "datasets/mine", *shapes(200))
    clone.set(dataset="mine", model__network="conv", train__batch_size=16)
    undisturbed = clone.copy(tmp_path / "undisturbed")
    undisturbed.dvc("repro", "train")
    dvc, _ = start_training(clone, tmp_path / "output")
    os.killpg(dvc.pid, signal.SIGKILL)
    dvc.wait()
    assert "resumes after epoch " in finish(clone)
    assert clone.outs("train") == undisturbed.outs("train")


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


def test_a_copy_of_the_folder_at_any_moment_resumes(clone, tmp_path, long_training) -> None:
    """What a power cut leaves: whatever is on the disk at that instant."""
    dvc, _ = start_training(clone, tmp_path / "output")
    copies = []
    for number in range(2):
        copies.append(Clone.at(tmp_path / f"copy {number}"))
        with held(dvc):
            shutil.copytree(clone.path, copies[-1].path, symlinks=True)
        time.sleep(0.7)
    dvc.wait()
    assert clone.outs("train") == long_training
    for copy in copies:
        assert "resumes after epoch " in finish(copy)
        assert copy.outs("train") == long_training


def test_an_orphan_of_a_short_stage_does_not_overwrite_newer_results(quick_run, tmp_path) -> None:
    """kill -9 of dvc in classify@pixels, another C, dvc repro; the orphan ends last."""
    clone = quick_run.copy(tmp_path / "clone")
    dvc = clone.start(*DVC, "repro", "-s", "-f", "classify@pixels", output=tmp_path / "output")

    def fits() -> list[psutil.Process]:
        family = psutil.Process(dvc.pid).children(recursive=True)
        return [p for p in family if p.cmdline()[-2:] == ["stages/classify.py", "pixels"]]

    wait_for(lambda: fits() and has_mapped(fits()[0], "sklearn"))
    (stage,) = fits()
    stage.send_signal(signal.SIGSTOP)
    dvc.kill()
    dvc.wait()
    clone.set(classify__C=0.001)
    clone.dvc("repro", "classify@pixels")
    newer = clone.outs("classify@pixels")
    stage.send_signal(signal.SIGCONT)
    psutil.wait_procs([stage], timeout=60)
    assert clone.outs("classify@pixels") == newer
    assert "error: dvc is gone" in (tmp_path / "output").read_text()


def has_mapped(process: psutil.Process, library: str) -> bool:
    """Whether it has loaded a part of `library` that is no Python."""
    with contextlib.suppress(psutil.Error):
        return any(library in mapped.path for mapped in process.memory_maps())
    return False


def has_begun(dvc: subprocess.Popen) -> bool:
    """Whether dvc's stage has got to the first library that `_stage` imports, psutil."""
    family = psutil.Process(dvc.pid).children(recursive=True)
    return any(has_mapped(process, "_psutil") for process in family)


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


def test_a_file_that_dvc_left_cut_short_is_repaired_as_documented(
    before_long_training, tmp_path
) -> None:
    clone = before_long_training.copy(tmp_path / "clone")
    clone.dvc("repro", "download")
    for file in (".dvc/tmp/rwlock", "dvc.lock"):
        text = (clone.path / file).read_text()
        for length in (0, len(text) // 2):
            (clone.path / file).write_text(text[:length])
            assert not stages_run(repro(clone, "download"))


@pytest.mark.usefixtures("heard")
def test_ctrl_c_costs_only_the_interrupted_stage(quick_run, tmp_path) -> None:
    # These differ in the libraries that Ctrl-C can meet: numpy, torch, matplotlib, sklearn.
    # check_params has none, and is over in a tenth of a second.
    stages = ["download", "train", "plot_loss", "classify@pixels"]
    clone, output = Clone(tmp_path / "clone", **QUICK), tmp_path / "output"
    clone.dvc("repro", "check_params")  # all wait for it
    for stage in stages:
        assert any(interrupt(clone, stage, output) for _ in range(20)), stage
        assert "Traceback" not in output.read_text()
        repro(clone, "--single-item", stage)
    assert not stages_run(repro(clone, *stages)), "the other stages are not repeated"
    assert clone.outs(*stages) == quick_run.outs(*stages)
