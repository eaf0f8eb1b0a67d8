"""Full MNIST with the default parameters: the committed bytes, and what they must be worth."""

import json
import os
import shutil
from pathlib import Path

import pytest
from clone import Clone, expanded_stages, stages_run

from mnist_vae.files.tables import load_csv
from mnist_vae.machine.cpu import has_avx2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(mirror: Path, tmp_path_factory) -> Clone:
    clone = Clone(tmp_path_factory.mktemp("full") / "clone")
    done = clone.dvc("repro", "--force", MNIST_MIRROR=str(mirror))
    assert stages_run(done.stdout) == set(expanded_stages())
    if results := os.environ.get("RESULTS"):  # what CI keeps
        for folder in ("metrics", "plots"):
            shutil.copytree(clone.path / folder, Path(results) / folder, dirs_exist_ok=True)
    return clone


def numbers(clone: Clone, file: str) -> dict:
    return json.loads((clone.path / file).read_text())


def test_the_pixels_reach_what_logistic_regression_reaches(clone) -> None:
    assert 0.924 <= numbers(clone, "metrics/classify_pixels.json")["pixels"]["accuracy"] <= 0.928
    assert numbers(clone, "diagnostics/classify_pixels.json")["pixels"]["converged"]


def test_two_latents_are_worth_less_than_pixels_and_more_than_chance(clone) -> None:
    assert 0.5 < numbers(clone, "metrics/classify_latent.json")["latent"]["accuracy"] < 0.9
    assert numbers(clone, "diagnostics/classify_latent.json")["latent"]["converged"]


def test_the_test_images_were_not_trained_on(clone) -> None:
    test = numbers(clone, "metrics/evaluate.json")["test"]
    stderr = numbers(clone, "diagnostics/evaluate.json")["test"]["neg_elbo_nats_stderr"]
    losses = load_csv(clone.path / "plots/loss.csv")
    assert losses["train_neg_elbo_nats"][-1] < test["neg_elbo_nats"]
    assert abs(test["neg_elbo_nats"] - losses["validation_neg_elbo_nats"][-1]) < 4 * stderr
    assert test["active_units"] == 2
    assert test["neg_elbo_nats"] < 151.0  # the tutorial's own loop, in as many epochs


@pytest.mark.skipif(not has_avx2(), reason="the last digits are this CPU's own")
def test_every_file_has_the_committed_bytes(clone) -> None:
    """dvc.lock holds the MD5 of each; metrics and small tables are in Git themselves."""
    assert clone.git("status", "--porcelain") == ""
