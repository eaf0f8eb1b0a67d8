"""Experiments, reruns and other clones: what DVC does with the whole pipeline, run for real."""

import json
import os
import shutil
import sys

import pytest
import yaml
from additions import edit_params, new_network
from clone import Clone, expanded_stages, stages_run

pytestmark = pytest.mark.slow
QUICK = {"dataset": "mnist_5k", "train__epochs": 2, "machine__threads": 1}
ALL = set(expanded_stages())
OF_THE_MODEL = ALL - {"check_params", "download", "classify@pixels"}
SHAPE = {"latent_dim": 1, "model__mlp__hidden_dims": [32, 16]}  # 8 and 3 dimensions: below, sweeps
RERUN = [
    (SHAPE, OF_THE_MODEL),
    ({"classify__C": 0.5}, {"classify@latent", "classify@pixels", "report"}),
    ({"generate__grid": 5}, {"generate"}),
]


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    """The pipeline run once, its results committed. The path has a space."""
    clone = Clone(tmp_path_factory.mktemp("experiments") / "a clone", **QUICK)
    assert stages_run(clone.dvc("repro").stdout) == ALL
    clone.commit()
    return clone


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


def test_a_clone_in_a_folder_beyond_ascii_and_the_c_locale_gives_the_same_bytes(
    clone, tmp_path, monkeypatch
) -> None:
    other = Clone(tmp_path / "für 数字 a b", **QUICK)
    for name in ("LC_ALL", "LC_CTYPE", "PYTHONUTF8"):
        monkeypatch.delenv(name, raising=False)
    done = other.dvc("repro", LANG="C")
    assert stages_run(done.stdout) == ALL
    assert "Traceback" not in done.stderr
    assert lock(other) == lock(clone)
    other.dvc("exp", "run", "-S", "plot_latent.points=50", LANG="C")


def test_each_parameter_reruns_the_stages_that_use_it_and_no_other(clone, tmp_path) -> None:
    copy = clone.copy(tmp_path / "copy")
    for change, stages in RERUN:
        copy.set(**change)
        assert stages_run(copy.dvc("repro").stdout) == stages | {"check_params"}, change
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
    clone.dvc("exp", "run", "--temp", "-S", "train.learning_rate=3e-5", "--name", "slow")
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
    assert compared[0].split() == ["HEAD", "eight", "difference"]
    assert float(compared[1].split()[3]) == pytest.approx(changed["new"] - changed["old"], abs=0.01)
    missing = clone.run("python", "compare.py", "HEAD", "nine", check=False)
    assert missing.returncode == 1
    assert missing.stderr.startswith("error: nine: has no data/test_nats.npz: ")
    assert len(missing.stderr.splitlines()) == 1

    clone.dvc("plots", "diff", "HEAD", "eight", "--out", str(tmp_path / "plots"))
    page = (tmp_path / "plots" / "index.html").read_text()
    for column in ("train_neg_elbo_nats", "validation_neg_elbo_nats", "category10", "predicted"):
        assert column in page


def test_no_mirror_and_the_mnist_data_set_end_in_one_clear_line(tmp_path) -> None:
    clone = Clone(tmp_path / "clone")
    nowhere = str(tmp_path / "nowhere")
    done = clone.run("python", "stages/download.py", check=False, MNIST_MIRROR=nowhere)
    assert done.returncode == 1
    assert f"error: no mirror delivered MNIST ({nowhere}: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((clone.path / "data").glob("*.npz*"))


def test_make_repro_without_a_network_ends_with_digits_of_the_embedded_images(tmp_path) -> None:
    clone = Clone(tmp_path / "clone", train__epochs=1, machine__threads=1)
    (clone.path / ".venv").symlink_to(sys.prefix)
    os.utime(clone.path / "requirements.txt", (0, 0))  # older than .venv, which stays as it is
    nobody = "http://127.0.0.1:9"
    done = clone.run("make", "repro", MNIST_MIRROR="", http_proxy=nobody, https_proxy=nobody)
    assert "no mirror delivered MNIST" in done.stderr
    assert "running on the 5,000 embedded digits" in done.stdout
    assert yaml.safe_load((clone.path / "params.yaml").read_text())["dataset"] == "mnist_5k"
    assert stages_run(done.stdout) >= OF_THE_MODEL
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
