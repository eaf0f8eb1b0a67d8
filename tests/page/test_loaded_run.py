"""Files that do not belong together are refused in one line."""

import shutil
from typing import Any

import numpy as np
import pytest
from small_runs import NAMES, SmallRun, make_run

from mnist_vae.errors import DataError
from mnist_vae.files.predictions import load_predictions


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> SmallRun:
    return make_run(tmp_path_factory.mktemp("run"), train=50, test=40)


@pytest.fixture(scope="module")
def others(tmp_path_factory) -> dict[str, SmallRun]:
    """Runs with another seed; with the same parameters, longer trained; on other images."""
    made = {}
    for name, changes in {
        "seed": {"seed": 1},
        "weights": {"epochs": 1, "train": 100},
        "images": {"test": 60},
    }.items():
        sizes: dict[str, Any] = {"train": 50, "test": 40} | changes
        made[name] = make_run(tmp_path_factory.mktemp(name), **sizes)
    return made


@pytest.mark.parametrize(
    ("kind", "other", "reason"),
    [
        ("latents", "seed", "was made with seed 1"),
        ("latents", "weights", "is not what the model encodes the images to"),
        ("nats", "seed", "was made with seed 1"),
        ("nats", "images", "is not of these test images"),
        ("predictions", "images", "is not of these test images"),
    ],
)
def test_a_file_of_another_run_is_refused(run, others, tmp_path, kind, other, reason) -> None:
    mixed = run._replace(folder=tmp_path)
    for path in run.folder.iterdir():
        shutil.copy(path, tmp_path)
    shutil.copy(others[other].files[kind], tmp_path)
    with pytest.raises(DataError) as caught:
        mixed.load()
    assert str(caught.value).startswith(f"{tmp_path / NAMES[kind]}: ")
    assert reason in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_metrics_must_be_there_and_be_metrics(run, tmp_path) -> None:
    for path in run.folder.iterdir():
        shutil.copy(path, tmp_path)
    mixed = run._replace(folder=tmp_path)
    for content in ("[1]", "{"):
        (tmp_path / "metrics.json").write_text(content)
        with pytest.raises(DataError, match="is not a file of metrics"):
            mixed.load()
    (tmp_path / "metrics.json").unlink()
    with pytest.raises(DataError, match="is missing"):
        mixed.load()


def test_predictions_are_read_in_order(tmp_path) -> None:
    file, labels = tmp_path / "confusion.csv", np.array([1, 0], np.uint8)
    file.write_text("actual,predicted\nAnkle boot,Bag\nBag,Bag\n")
    assert load_predictions(file, labels, ["Bag", "Ankle boot"]).tolist() == [0, 0]


@pytest.mark.parametrize(
    "content",
    ["", "actual,predicted\n1,7\n0,0\n", "actual,predicted\n1\n0,0\n"],
)
def test_what_is_no_table_of_predictions_is_refused(tmp_path, content) -> None:
    file = tmp_path / "confusion.csv"
    file.write_text(content)
    with pytest.raises(DataError, match="is not a table of actual and predicted"):
        load_predictions(file, np.array([1, 0], np.uint8), ["0", "1"])
    with pytest.raises(DataError, match="is missing"):
        load_predictions(tmp_path / "none.csv", np.zeros(2, np.uint8), ["0", "1"])
