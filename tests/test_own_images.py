"""Images of any size, colours and number of classes: through every stage, and under DVC."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from clone import ROOT, Clone, expanded_stages, stages_run
from default_run import changed, default_params
from generated_images import DRAWN, SHAPES, save_files, shapes
from PIL import Image

from mnist_vae.params.plugins import LIKELIHOODS, NETWORKS, names_in
from mnist_vae.readers import image_folder
from mnist_vae.readers.array_file import WHOLE

pytestmark = pytest.mark.slow
# Each data set with each network, and between them all likelihoods and 1 to 3 dimensions
CASES = [
    (drawn, network, names_in(LIKELIHOODS)[(i + j) % 3], 1 + (i + 2 * j) % 3)
    for i, drawn in enumerate(DRAWN)
    for j, network in enumerate(names_in(NETWORKS))
]
REFUSED = [case for case in CASES if case[0] == "shapes" and case[2] == "binarised"]
# All stages in one process: loading torch for each would take longer than they do.
STAGES = list(expanded_stages())
EVERY_STAGE = """
import os, sys
from pathlib import Path
root, folder = map(Path, sys.argv[1:3])
sys.path[:0] = [str(root / "stages"), str(root / "src")]
from mnist_vae.params import datasets
datasets.FOLDER = folder / "datasets"
import _stage
from importlib import import_module
from mnist_vae.errors import exit_on_error
os.chdir(folder)
with exit_on_error():
    for stage in sys.argv[3:]:
        name, *features = stage.split("@")
        import_module(name).main(*features)
"""


def run_every_stage(folder: Path, *case: object, threads: int = 1) -> subprocess.CompletedProcess:
    drawn, network, likelihood, latent_dim = case
    images = folder / "datasets/mine/images.npz"
    images.parent.mkdir(parents=True)
    np.savez(images, **dict(zip(WHOLE, DRAWN[str(drawn)](), strict=True)))
    changes = {
        "dataset": "mine",
        "latent_dim": latent_dim,
        "model__network": network,
        "model__likelihood": likelihood,
        "model__conv__channels": [4, 8],
        "train__epochs": 2,
        "train__batch_size": 16,
        "evaluate__importance_samples": 4,
        "generate__grid": 5,
        "machine__threads": threads,
    }
    (folder / "params.yaml").write_text(changed(default_params(), changes))
    command = [sys.executable, "-E", "-c", EVERY_STAGE, str(ROOT), str(folder), *STAGES]
    return subprocess.run(command, capture_output=True, text=True)


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "params.yaml"]
    return {
        str(path.relative_to(folder)): hashlib.md5(path.read_bytes()).hexdigest() for path in files
    }


@pytest.mark.parametrize("case", [case for case in CASES if case not in REFUSED], ids=str)
def test_every_stage_takes_them(tmp_path, case) -> None:
    done = run_every_stage(tmp_path, *case)
    assert done.returncode == 0, done.stderr
    images, labels = DRAWN[case[0]]()
    with np.load(tmp_path / "data/images.npz") as made, np.load(tmp_path / "data/latents.npz") as z:
        assert sum(len(made[f"{split}_images"]) for split in ("train", "test")) == len(images)
        assert made["test_images"].shape[1:] == images.shape[1:]
        assert z["test_z_mean"].shape == (len(made["test_images"]), case[3])
        assert np.isfinite(z["test_z_mean"]).all()
    metrics = {}
    for path in (tmp_path / "metrics").glob("*.json"):
        metrics |= json.loads(path.read_text())
    with np.load(tmp_path / "data/test_nats.npz") as nats:
        mean = nats["test_neg_elbo_nats"].astype(float).mean()
        assert metrics["test"]["neg_elbo_nats"] == pytest.approx(mean, abs=1e-3)
        if len(nats["test_nll_nats"]):
            bits = nats["test_nll_nats"].mean() / np.log(2) / images[0].size
            assert metrics["test"]["bits_per_dim"] == pytest.approx(float(bits), rel=1e-4)
    confusion = (tmp_path / "plots/confusion_pixels.csv").read_text().splitlines()
    assert len(confusion) - 1 == len(images) - len(
        np.load(tmp_path / "data/images.npz")["train_images"]
    )
    assert {line.split(",")[0] for line in confusion[1:]} == {str(n) for n in set(labels.tolist())}
    page = (tmp_path / "report/index.html").read_text()
    assert "The latent space cannot be explored:" not in page


def test_colours_that_are_to_be_black_or_white_are_refused_in_a_line(tmp_path) -> None:
    for number, case in enumerate(REFUSED or [("shapes", "mlp", "binarised", 2)]):
        done = run_every_stage(tmp_path / str(number), *case)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert line.startswith("error: model.likelihood is binarised, which draws black or white;")


@pytest.mark.parametrize(
    "case", [("shapes", "conv", "grey", 3), ("bars", "residual", "binarised", 1)], ids=str
)
def test_the_number_of_threads_changes_no_byte(tmp_path, case) -> None:
    for threads in (1, 2):
        done = run_every_stage(tmp_path / str(threads), *case, threads=threads)
        assert done.returncode == 0, done.stderr
    first, second = (digests(tmp_path / str(threads)) for threads in (1, 2))
    assert first == second


SET = ("-S", "dataset=mine", "-S", "train.epochs=2", "-S", "train.batch_size=16")


@pytest.fixture(scope="module")
def clone(quick_run, tmp_path_factory) -> Clone:
    """With a folder of coloured shapes, which nobody tracks."""
    clone = quick_run.copy(tmp_path_factory.mktemp("own images") / "a clone")
    save_files(clone.path / "datasets/mine", *shapes(80), list(SHAPES))
    return clone


def test_a_folder_runs_with_one_command_and_an_edit_runs_it_again(clone, tmp_path) -> None:
    clone = clone.copy(tmp_path / "copy")
    done = clone.dvc("exp", "run", *SET)
    assert stages_run(done.stdout) == set(expanded_stages())
    before = lock(clone)
    with np.load(clone.path / "data/images.npz") as made:
        trained_on = {image.tobytes() for image in made["train_images"]}
    files = sorted((clone.path / "datasets/mine").rglob("*.png"))
    edited = next(file for file in files if np.asarray(Image.open(file)).tobytes() in trained_on)
    Image.fromarray(255 - np.asarray(Image.open(edited))).save(edited)
    assert stages_run(clone.dvc("repro").stdout) == set(expanded_stages()) - {"check_params"}
    assert lock(clone)["data/images.npz"] != before["data/images.npz"]
    with np.load(clone.path / "data/images.npz") as made:
        images = np.concatenate([made["train_images"], made["test_images"]])
    there = image_folder.read_image(edited, clone.path)
    assert (images == there).all(axis=(1, 2, 3)).sum() == 1
    edited.write_text("no image")
    refused = clone.run(sys.executable, "-m", "dvc", "repro", check=False)
    name = f"datasets/mine/{edited.parent.name}/{edited.name}"
    assert f"error: {name}: is no image; repair or delete the file\n" in refused.stderr
    shutil.rmtree(clone.path / "datasets/mine")
    refused = clone.run(sys.executable, "-m", "dvc", "repro", check=False)
    assert len(refused.stderr.splitlines()) == 1
    assert f"No such file or directory: '{clone.path / 'datasets/mine'}'" in refused.stderr


def lock(clone: Clone) -> dict[str, str]:
    stages = yaml.safe_load((clone.path / "dvc.lock").read_text())["stages"].values()
    return {out["path"]: out["md5"] for stage in stages for out in stage.get("outs", [])}


def test_queues_and_sweeps_refuse_an_untracked_folder_and_take_a_tracked_one(
    clone, tmp_path
) -> None:
    clone = clone.copy(tmp_path / "copy")
    wanted = (
        "error: datasets/mine: neither Git nor DVC tracks it, and queued runs and sweeps see only "
        "what one of them does: `dvc add datasets/mine`, `git add datasets/mine.dvc` and commit"
    )
    run: Callable[..., subprocess.CompletedProcess] = clone.run
    swept = run("python", "sweep.py", *SET, "--jobs", "1", check=False)
    assert swept.stderr.splitlines() == [wanted]
    assert swept.returncode == 2
    queued = run(sys.executable, "-m", "dvc", "exp", "run", "--temp", *SET, check=False)
    assert wanted in (queued.stdout + queued.stderr).splitlines()
    clone.dvc("add", "datasets/mine")
    clone.commit()
    run("python", "sweep.py", *SET, "--jobs", "1")
    clone.dvc("exp", "run", "--temp", "--name", "queued", *SET)
    trees = set()
    for ref in clone.git("for-each-ref", "--format=%(refname)", "refs/exps/").splitlines():
        if "celery" not in ref and "stash" not in ref:
            trees.add(clone.git("rev-parse", f"{ref}:dvc.lock"))
    assert len(trees) == 1, "the same lock from both"
    assert os.path.exists(clone.path / "datasets/mine/disc")
