"""Wrong files and values, impossible sizes and too little memory, as the user of a stage meets
them."""

import os
import pickle
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from clone import DVC, Clone, expanded_stages

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(quick_run, tmp_path_factory) -> Clone:
    return quick_run.copy(tmp_path_factory.mktemp("inputs") / "clone")


def refusal(clone: Clone, stage: str, **environment: str) -> tuple[int, str]:
    script, *arguments = stage.split()
    command = ("python", f"stages/{script}.py", *arguments)
    done = clone.run(*command, check=False, **environment)
    assert done.stderr.count("\n") == done.stderr.count("error: ") + done.stderr.count("warning: ")
    return done.returncode, done.stderr


def swap(folder: Path) -> None:
    a, b = folder / "train-images-idx3-ubyte.gz", folder / "t10k-images-idx3-ubyte.gz"
    content = a.read_bytes()
    a.write_bytes(b.read_bytes())
    b.write_bytes(content)


@pytest.mark.parametrize("damage", [swap, shutil.rmtree])
def test_a_mirror_with_wrong_files_is_refused(clone, mirror, tmp_path, damage) -> None:
    folder = tmp_path / "mirror"
    shutil.copytree(mirror, folder)
    damage(folder)
    clone.set(dataset="mnist")
    before = (clone.path / "data" / "images.npz").read_bytes()
    status, said = refusal(clone, "download", MNIST_MIRROR=str(folder))
    clone.set(dataset="mnist_5k")
    assert status == 1
    assert said.splitlines()[-1].startswith("error: no mirror delivered MNIST (")
    assert "-ubyte.gz: " in said
    assert (clone.path / "data" / "images.npz").read_bytes() == before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def code(path: Path) -> None:
    path.write_bytes(pickle.dumps(Touch(str(path.with_name("went off")))))


class Touch:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (self.path,))


@pytest.mark.parametrize(
    ("stage", "file", "damage"),
    [
        ("classify pixels", "data/images.npz", cut),
        ("classify latent", "data/latents.npz", code),
        ("encode", "models/vae.pt", cut),
        ("evaluate", "models/vae.pt", code),
        ("plot_latent", "data/latents.npz", Path.unlink),
        ("plot_loss", "plots/loss.csv", code),
    ],
)
def test_a_damaged_absent_or_foreign_file_is_refused(clone, stage, file, damage) -> None:
    path = clone.path / file
    good, outs = path.read_bytes(), clone.outs()
    damage(path)
    status, said = refusal(clone, stage)
    path.write_bytes(good)
    assert status == 2
    assert said.startswith(f"error: {file}: is ")
    assert "dvc repro" in said
    assert clone.outs() == outs
    assert not path.with_name("went off").exists()


def test_a_file_made_with_other_parameters_is_refused(clone) -> None:
    clone.set(seed=7)
    status, said = refusal(clone, "encode")
    clone.set(seed=0)
    assert status == 2
    assert "models/vae.pt: was made with seed 0; params.yaml says 7" in said


def test_training_that_diverges_leaves_no_result(before_long_training, tmp_path) -> None:
    clone = before_long_training.copy(tmp_path / "clone")
    clone.set(train__learning_rate=1e3)
    done = clone.run(*DVC, "repro", "train", check=False)
    assert done.returncode != 0
    assert "error: training diverged in epoch 1, step " in done.stderr
    assert "train.learning_rate, 1000.0, is too high: lower it" in done.stderr
    assert "Traceback" not in done.stderr
    for name in ("models/vae.pt", "metrics/train.json", "plots/loss.csv"):
        assert not (clone.path / name).exists()


def limited(gigabytes: float) -> Callable[[], None]:
    size = int(gigabytes * 2**30)
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))


def test_too_little_memory_is_reported_in_one_line(clone) -> None:
    clone.set(model__mlp__hidden_dims=[50000])
    done = subprocess.run(
        [sys.executable, "stages/train.py"], cwd=clone.path, env=clone.environment(),
        preexec_fn=limited(2), capture_output=True, text=True,
    )  # fmt: skip
    clone.git("checkout", "--quiet", "params.yaml")
    assert done.returncode == 1
    assert done.stderr.startswith("error: not enough memory: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("key", "value", "command"),
    [
        ("latent_dim", 0, ("repro", "train")),
        ("latent_dim", 100_000, ("exp", "run", "train")),
        ("model.mlp.hidden_dims", [65536] * 20, ("repro",)),  # more memory than there is
    ],
)
def test_refused_values_delete_nothing_even_with_a_target(clone, key, value, command) -> None:
    before = clone.outs(*(expanded_stages().keys() - {"check_params"}))
    clone.set(**{key.replace(".", "__"): value})
    done = clone.run(*DVC, *command, check=False)
    clone.git("checkout", "--quiet", "params.yaml")
    said = done.stderr.replace("latent_dim is 2 and ", "")
    assert f"error: params.yaml: {key} is " in said
    assert "Running stage 'download'" not in done.stdout
    assert {name: (clone.path / name).read_bytes() for name in before} == before
