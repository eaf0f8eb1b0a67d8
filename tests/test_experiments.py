"""Experiments, reruns and other clones: what DVC does with the whole pipeline, run for real."""

import json
import os
import shutil
import sys

import pytest
import yaml
from clone import Clone, expanded_stages, stages_run
from extensions import edit_params, new_network

pytestmark = pytest.mark.slow
ALL = set(expanded_stages())
OF_THE_MODEL = ALL - {"check_params", "download", "classify@pixels"}


@pytest.fixture(scope="module")
def clone(quick_run, tmp_path_factory) -> Clone:
    """The path has a space."""
    return quick_run.copy(tmp_path_factory.mktemp("experiments") / "a clone")


def lock(clone: Clone) -> dict:
    return yaml.safe_load((clone.path / "dvc.lock").read_text())["stages"]


def show(clone: Clone) -> dict:
    """The experiments on top of HEAD: name -> (params, metrics), workspace included."""
    found = {}
    for state in json.loads(clone.dvc("exp", "show", "--json").stdout):
        rows = [(state["name"] or state["rev"], state["data"])]
        for experiment in state["experiments"] or []:
            rows += [(r["name"] or r["rev"], r["data"]) for r in experiment["revs"]]
        for name, data in rows:
            metrics = {}
            for file in data["metrics"].values():
                metrics |= file["data"]
            found[name] = (data["params"]["params.yaml"]["data"], metrics)
    return found


def test_parameters_rerun_the_stages_that_use_them_and_no_other(clone, tmp_path) -> None:
    copy = clone.copy(tmp_path / "copy")
    copy.set(classify__C=0.5, generate__grid=5)
    fits = {"classify@latent", "classify@pixels"}
    wanted = fits | {"check_params", "generate", "report"}
    assert stages_run(copy.dvc("repro").stdout) == wanted
    # back: from the run cache
    shutil.copy(clone.path / "params.yaml", copy.path)
    assert stages_run(copy.dvc("repro").stdout) == set()
    assert lock(copy) == lock(clone)


def test_experiments_in_the_workspace_and_apart_compare(clone, tmp_path) -> None:
    base = show(clone)["workspace"]
    done = clone.dvc("exp", "run", "-S", "latent_dim=8", "--name", "eight")
    assert stages_run(done.stdout) == OF_THE_MODEL | {"check_params"}
    clone.git("checkout", "--quiet", ".")
    clone.dvc("checkout")
    slow = ("--name", "slow", "-S", "train.learning_rate=3e-5")
    clone.dvc("exp", "run", "--temp", *slow, "evaluate")
    assert clone.git("status", "--porcelain") == ""

    rows = show(clone)
    assert rows["workspace"] == base
    assert rows["eight"][0]["latent_dim"] == 8
    assert rows["slow"][0]["train"]["learning_rate"] == 3e-05
    losses = {metrics["test"]["neg_elbo_nats"] for _, metrics in rows.values()}
    assert (len(rows), len(losses)) == (4, 3)  # HEAD and the workspace are the same

    diff = json.loads(clone.dvc("metrics", "diff", "HEAD", "eight", "--json").stdout)
    changed = diff["metrics/evaluate.json"]["test.neg_elbo_nats"]
    assert changed["old"] == base[1]["test"]["neg_elbo_nats"]
    assert changed["new"] == rows["eight"][1]["test"]["neg_elbo_nats"]
    assert "metrics/classify_pixels.json" not in diff

    compared = clone.run("python", "compare.py", "HEAD", "eight").stdout.splitlines()
    assert compared[0] == "eight differs from HEAD in: latent_dim 8 instead of 2"
    assert compared[1].split() == ["HEAD", "eight", "difference"]
    assert float(compared[2].split()[3]) == pytest.approx(changed["new"] - changed["old"], abs=0.01)
    missing = clone.run("python", "compare.py", "HEAD", "nine", check=False)
    assert missing.returncode == 2
    assert missing.stderr == "error: nine: is neither a revision nor an experiment\n"

    clone.dvc("plots", "diff", "HEAD", "eight", "--out", str(tmp_path / "plots"))
    page = (tmp_path / "plots" / "index.html").read_text()
    for column in ("train_neg_elbo_nats", "validation_neg_elbo_nats", "category10", "predicted"):
        assert column in page


def test_make_repro_without_a_network_ends_with_digits_of_the_embedded_images(
    quick_run, tmp_path
) -> None:
    """Their results are in the cache already."""
    clone = quick_run.copy(tmp_path / "clone")
    clone.set(dataset="mnist")
    clone.commit()
    (clone.path / ".venv").symlink_to(sys.prefix)
    os.utime(clone.path / "requirements.txt", (0, 0))  # older than .venv, which stays as it is
    nobody = "http://127.0.0.1:9"
    done = clone.run("make", "repro", MNIST_MIRROR="", http_proxy=nobody, https_proxy=nobody)
    assert "no mirror delivered MNIST" in done.stderr
    assert "running on the 5,000 embedded digits" in done.stdout
    assert yaml.safe_load((clone.path / "params.yaml").read_text())["dataset"] == "mnist_5k"
    assert clone.outs() == quick_run.outs()
    assert (
        "Data and pipelines are up to date." in clone.run("make", "repro", MNIST_MIRROR="").stdout
    )


def test_a_new_network_trains_and_the_old_one_comes_back_from_the_cache(clone) -> None:
    new_network(clone)
    edit_params(clone, lambda tree: tree["model"].update(network="wide"))
    assert stages_run(clone.dvc("repro", "evaluate").stdout) == {
        "check_params",
        "train",
        "evaluate",
    }
    edit_params(clone, lambda tree: tree["model"].update(network="mlp"))
    assert stages_run(clone.dvc("repro").stdout) <= {"check_params"}
    clone.discard()
