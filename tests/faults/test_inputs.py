"""Wrong files, impossible sizes and too little memory, as the user of a stage meets them."""

import gzip
import os
import pickle
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from clone import DVC, Clone

QUICK = {"dataset": "mnist_5k", "train__epochs": 2, "machine__threads": 1}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    clone = Clone(tmp_path_factory.mktemp("inputs") / "clone", **QUICK)
    clone.dvc("repro")
    return clone


def refusal(clone: Clone, *command: str, **environment: str) -> tuple[int, str]:
    done = clone.run("python", *command, check=False, **environment)
    assert done.stderr.count("\n") == done.stderr.count("error: ") + done.stderr.count("warning: ")
    return done.returncode, done.stderr


def swap(folder: Path) -> None:
    a, b = folder / "train-images-idx3-ubyte.gz", folder / "t10k-images-idx3-ubyte.gz"
    content = a.read_bytes()
    a.write_bytes(b.read_bytes())
    b.write_bytes(content)


def truncate(folder: Path) -> None:
    path = folder / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-100])


def flip(folder: Path) -> None:
    path = folder / "t10k-labels-idx1-ubyte.gz"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)


def repack(folder: Path) -> None:
    path = folder / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))


@pytest.mark.parametrize("damage", [swap, truncate, flip, repack, shutil.rmtree])
def test_a_mirror_with_wrong_files_is_refused(clone, mirror, tmp_path, damage) -> None:
    folder = tmp_path / "mirror"
    shutil.copytree(mirror, folder)
    damage(folder)
    clone.set(dataset="mnist")
    before = (clone.path / "data" / "images.npz").read_bytes()
    status, said = refusal(clone, "stages/download.py", MNIST_MIRROR=str(folder))
    clone.set(dataset="mnist_5k")
    assert status == 1
    assert said.splitlines()[-1].startswith("error: no mirror delivered MNIST (")
    assert "-ubyte.gz: " in said
    assert (clone.path / "data" / "images.npz").read_bytes() == before


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def absent(path: Path) -> None:
    path.unlink()


def code(path: Path) -> None:
    path.write_bytes(pickle.dumps(Touch(str(path.with_name("went off")))))


class Touch:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (self.path,))


READERS = [
    ("train", "data/images.npz"),
    ("plot_loss", "plots/loss.csv"),
    ("evaluate", "models/vae.pt"),
    ("encode", "models/vae.pt"),
    ("encode", "data/images.npz"),
    ("plot_latent", "data/latents.npz"),
    ("generate", "models/vae.pt"),
    ("generate", "data/latents.npz"),
    ("classify latent", "data/latents.npz"),
    ("classify pixels", "data/images.npz"),
]
# One stage for each kind of file: the others read it through the same function.
ONE_PER_FILE = [
    ("classify pixels", "data/images.npz"),
    ("evaluate", "models/vae.pt"),
    ("plot_latent", "data/latents.npz"),
    ("plot_loss", "plots/loss.csv"),
]


@pytest.mark.parametrize(("stage", "file"), READERS)
def test_each_reader_refuses_a_pickle_and_runs_no_code(clone, stage, file) -> None:
    assert_refused(clone, stage, file, code)
    assert not (clone.path / file).with_name("went off").exists()


@pytest.mark.parametrize("damage", [damaged, absent])
@pytest.mark.parametrize(("stage", "file"), ONE_PER_FILE)
def test_a_damaged_or_absent_file_is_refused(clone, stage, file, damage) -> None:
    assert_refused(clone, stage, file, damage)


def assert_refused(clone: Clone, stage: str, file: str, damage: Callable[[Path], None]) -> None:
    path = clone.path / file
    good, outs = path.read_bytes(), clone.outs()
    damage(path)
    script, *argument = stage.split()
    status, said = refusal(clone, f"stages/{script}.py", *argument)
    path.write_bytes(good)
    assert status == 2
    assert said.startswith(f"error: {file}: is ")
    assert "dvc repro" in said
    assert clone.outs() == outs


@pytest.mark.parametrize(("stage", "file"), ONE_PER_FILE[:3])
def test_a_file_made_with_other_parameters_is_refused(clone, stage, file) -> None:
    change = {"dataset": "mnist"} if file == "data/images.npz" else {"seed": 7}
    clone.set(**change)
    script, *argument = stage.split()
    status, said = refusal(clone, f"stages/{script}.py", *argument)
    clone.set(dataset="mnist_5k", seed=0)
    assert status == 2
    key = next(iter(change))
    assert f"was made with {key} " in said
    assert f"params.yaml says {change[key]!r}" in said


def test_training_that_diverges_leaves_no_result(tmp_path) -> None:
    clone = Clone(tmp_path / "clone", **(QUICK | {"train__learning_rate": 1e3}))
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


def test_sizes_that_no_machine_has_are_refused_before_anything_is_touched(clone) -> None:
    before = clone.outs()
    del before["data/params.ok"]  # the one out that says that they were allowed
    for key, value in (("latent_dim", 100_000), ("model__mlp__hidden_dims", [65536] * 20)):
        clone.set(**{key: value})
        done = clone.run(*DVC, "repro", check=False)
        clone.git("checkout", "--quiet", "params.yaml")
        assert f"error: params.yaml: {key.replace('__', '.')} is " in done.stderr.replace(
            "latent_dim is 2 and ", ""
        )
        assert "Running stage 'download'" not in done.stdout
    assert {name: (clone.path / name).read_bytes() for name in before} == before
    clone.dvc("repro", "check_params")
