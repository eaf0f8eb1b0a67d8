"""Full MNIST with the default parameters: the nats and accuracies that the README states."""

import json
import statistics
from pathlib import Path

import pytest
from conftest import Clone, expanded_stages, stages_run


@pytest.fixture(scope="module")
def clone(mirror: Path, tmp_path_factory) -> Clone:
    clone = Clone(tmp_path_factory.mktemp("full") / "clone")
    done = clone.dvc("repro", "--force", MNIST_MIRROR=str(mirror))
    assert stages_run(done.stdout) == set(expanded_stages())
    return clone


def metrics(clone: Clone, name: str) -> dict:
    return json.loads((clone.path / "metrics" / f"{name}.json").read_text())


def test_the_pixels_reach_what_logistic_regression_reaches(clone) -> None:
    pixels = metrics(clone, "classify_pixels")["pixels"]
    assert 0.924 <= pixels["accuracy"] <= 0.928
    assert pixels["converged"]


def test_two_latents_are_worth_less_than_pixels_and_more_than_chance(clone) -> None:
    latent = metrics(clone, "classify_latent")["latent"]
    assert 0.5 < latent["accuracy"] < 0.9
    assert latent["converged"]


def test_the_test_images_were_not_trained_on(clone) -> None:
    train = metrics(clone, "train")
    test = metrics(clone, "evaluate")["test"]
    assert train["train"]["neg_elbo_nats"] < test["neg_elbo_nats"]
    difference = test["neg_elbo_nats"] - train["validation"]["neg_elbo_nats"]
    assert abs(difference) < 4 * test["neg_elbo_nats_stderr"]
    assert test["active_units"] == 2


def test_neg_elbo_on_average_over_three_seeds(clone) -> None:
    nats = [metrics(clone, "evaluate")["test"]["neg_elbo_nats"]]
    for seed in (1, 2):
        clone.set(seed=seed)
        clone.dvc("repro", "evaluate")
        nats.append(metrics(clone, "evaluate")["test"]["neg_elbo_nats"])
    assert len(set(nats)) == 3
    assert statistics.mean(nats) <= 150.5
