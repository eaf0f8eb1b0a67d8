"""Settings of the user's shell, a wrong value with a target, and an orphan of a stage."""

import signal
from pathlib import Path

import psutil
import pytest
from clone import DVC, Clone, expanded_stages, stages_run, wait_for

QUICK = {"dataset": "mnist_5k", "train__epochs": 2}
HOSTILE = {
    "OMP_THREAD_LIMIT": "1",
    "OMP_DYNAMIC": "true",
    "OMP_NUM_THREADS": "1",
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONSAFEPATH": "1",
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    clone = Clone(tmp_path_factory.mktemp("shell") / "clone", **QUICK)
    clone.dvc("repro")
    clone.commit()
    return clone


def test_what_the_shell_says_does_not_change_a_byte(clone, tmp_path) -> None:
    style = tmp_path / "matplotlibrc"
    style.write_text("font.size: 20\nlines.linewidth: 9\naxes.facecolor: red\n")
    done = clone.dvc("repro", "--force", MATPLOTLIBRC=str(style), **HOSTILE)
    assert stages_run(done.stdout) == set(expanded_stages())
    assert clone.git("status", "--porcelain") == ""
    assert "up to date" in clone.dvc("status").stdout


@pytest.mark.parametrize("command", [("repro", "train"), ("exp", "run", "train")])
def test_a_wrong_value_with_a_target_deletes_nothing(clone, command) -> None:
    before = clone.outs("download", "train", "evaluate")
    clone.set(latent_dim=0)
    done = clone.run(*DVC, *command, check=False)
    clone.discard()
    assert "params.yaml: latent_dim is 0; it must be" in done.stderr
    assert clone.outs("download", "train", "evaluate") == before


def test_an_orphan_of_a_short_stage_does_not_overwrite_newer_results(clone, tmp_path) -> None:
    """kill -9 of dvc in classify@pixels, another C, dvc repro; the orphan ends last."""
    dvc = clone.start(*DVC, "repro", "-s", "-f", "classify@pixels", output=tmp_path / "output")

    def fit() -> list[psutil.Process]:
        family = psutil.Process(dvc.pid).children(recursive=True)
        return [p for p in family if p.cmdline()[-2:] == ["stages/classify.py", "pixels"]]

    wait_for(lambda: fit() and "sklearn" in maps(fit()[0]))
    (stage,) = fit()
    stage.send_signal(signal.SIGSTOP)
    dvc.kill()
    dvc.wait()
    clone.set(classify__C=0.001)
    clone.dvc("repro", "classify@pixels")
    newer = clone.outs("classify@pixels")
    stage.send_signal(signal.SIGCONT)
    psutil.wait_procs([stage], timeout=60)
    assert clone.outs("classify@pixels") == newer
    assert "error: dvc is gone" in Path(tmp_path / "output").read_text()
    clone.discard()
    clone.dvc("checkout", "--force")


def maps(process: psutil.Process) -> str:
    """The files that a process has mapped."""
    try:
        return Path(f"/proc/{process.pid}/maps").read_text()
    except OSError:
        return ""
