"""Several runs of one repository at the same time, and runs after one that was killed."""

import json
import sys
from pathlib import Path

import psutil
import pytest
from clone import DVC, Clone, held, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(quick_run, tmp_path_factory) -> Clone:
    return quick_run.copy(tmp_path_factory.mktemp("together") / "clone")


@pytest.fixture
def long(before_long_training, tmp_path) -> Clone:
    return before_long_training.copy(tmp_path / "clone")


def losses(clone: Clone) -> dict[int, float]:
    """Test loss by seed, for all experiments that succeeded."""
    found = {}
    for baseline in json.loads(clone.dvc("exp", "show", "--json").stdout):
        for experiment in baseline["experiments"] or []:
            (revision,) = experiment["revs"]
            if revision["data"]:
                seed = revision["data"]["params"]["params.yaml"]["data"]["seed"]
                metrics = revision["data"]["metrics"]["metrics/evaluate.json"]["data"]
                found[seed] = metrics["test"]["neg_elbo_nats"]
    return found


def assert_usable(clone: Clone) -> None:
    assert clone.git("status", "--porcelain") == ""
    assert "Data and pipelines are up to date." in clone.dvc("repro", "evaluate").stdout


def test_two_temporary_runs_at_once(clone, tmp_path) -> None:
    command = ("exp", "run", "--temp", "evaluate", "-S")
    outputs = {seed: tmp_path / str(seed) for seed in (11, 12)}
    runs = {
        seed: clone.start(*DVC, *command, f"seed={seed}", output=output)
        for seed, output in outputs.items()
    }
    for seed, run in runs.items():
        if run.wait(timeout=300):  # DVC waits 3 seconds for its lock, a slow machine needs more
            assert "Unable to acquire lock" in outputs[seed].read_text()
            clone.dvc(*command, f"seed={seed}")
    assert losses(clone).keys() >= {11, 12}
    assert_usable(clone)


def test_a_queue_with_two_jobs(clone) -> None:
    clone.dvc("exp", "run", "--queue", "-S", "seed=21,22", "evaluate")
    clone.dvc("exp", "run", "--run-all", "--jobs", "2")
    found = losses(clone)
    assert found.keys() >= {21, 22}
    assert found[21] != found[22]
    assert_usable(clone)


def test_a_second_repro_is_refused_while_one_runs_and_does_no_harm(
    long, long_training, tmp_path
) -> None:
    first = long.start(*DVC, "repro", "train", output=tmp_path / "output")
    long.wait_for_checkpoint()
    with held(first):
        second = long.run(*DVC, "repro", check=False)
    assert second.returncode != 0
    assert "data/params.ok' is busy" in second.stderr
    assert "Traceback" not in second.stderr
    assert first.wait(timeout=120) == 0
    assert long.outs("train") == long_training


def test_a_killed_temporary_run_resumes_in_the_next_and_in_the_workspace(
    long, long_training, tmp_path
) -> None:
    output = tmp_path / "output"

    def wait_until_resumed() -> None:
        wait_for(lambda: "resumes after epoch " in output.read_text(), show=output.read_text)

    for wait in (long.wait_for_checkpoint, wait_until_resumed):
        dvc = long.start(*DVC, "exp", "run", "--temp", "train", output=output)
        wait()
        for process in [*psutil.Process(dvc.pid).children(recursive=True), dvc]:
            process.kill()
        dvc.wait()
    assert "resumes after epoch " in long.dvc("repro", "train").stdout
    assert long.outs("train") == long_training


def test_two_trainings_with_one_checkpoint_do_no_harm(long, long_training, tmp_path) -> None:
    command = (sys.executable, "stages/train.py")
    runs = [long.start(*command, output=tmp_path / str(number)) for number in (1, 2)]
    assert [run.wait(timeout=120) for run in runs] == [0, 0]
    assert long.outs("train") == long_training
    assert Path(tmp_path / "1").read_text().count("error") == 0
