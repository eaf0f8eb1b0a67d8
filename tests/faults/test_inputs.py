"""Wrong files, wrong parameters and too little memory, as the user of a stage meets them."""

import gzip
import math
import os
import pickle
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import DVC, Clone, default_params
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_vae.errors import PipelineError
from mnist_vae.params import load_params
from mnist_vae.training import fit
from mnist_vae.vae import build_vae

QUICK = {"dataset": "mnist_5k", "train__epochs": 2, "train__threads": 1}


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
    ("evaluate", "models/vae.pt"),
    ("encode", "models/vae.pt"),
    ("encode", "data/images.npz"),
    ("plot_latent", "data/latents.npz"),
    ("generate", "models/vae.pt"),
    ("generate", "data/latents.npz"),
    ("classify latent", "data/latents.npz"),
    ("classify pixels", "data/images.npz"),
]


@pytest.mark.parametrize(("stage", "file"), READERS)
def test_each_reader_refuses_a_wrong_file_and_runs_no_code(clone, stage, file) -> None:
    path = clone.path / file
    good, outs = path.read_bytes(), clone.outs()
    script, *argument = stage.split()
    for damage in (damaged, absent, code):
        damage(path)
        status, said = refusal(clone, f"stages/{script}.py", *argument)
        path.write_bytes(good)
        assert status == 2
        assert said.startswith(f"error: {file}: is ")
        assert "dvc repro" in said
        assert not (path.parent / "went off").exists()
    assert clone.outs() == outs


@pytest.mark.parametrize(("stage", "file"), READERS)
def test_each_reader_names_the_parameters_that_differ(clone, stage, file) -> None:
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
    done = clone.run(*DVC, "repro", check=False)
    assert done.returncode != 0
    assert "error: training diverged in epoch 1, step " in done.stderr
    assert "train.learning_rate, 1000.0, is too high: lower it" in done.stderr
    assert "Traceback" not in done.stderr
    for name in ("models/vae.pt", "metrics/train.json", "plots/loss.csv", "plots/loss.png"):
        assert not (clone.path / name).exists()
    assert clone.run("python", "stages/train.py", check=False).returncode == 1


def limited(gigabytes: float) -> Callable[[], None]:
    size = int(gigabytes * 2**30)
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))


def test_too_little_memory_is_said_in_a_line(clone) -> None:
    clone.set(model__hidden_dims=[60000])
    done = subprocess.run(
        [sys.executable, "stages/train.py"], cwd=clone.path, env=clone.environment(),
        preexec_fn=limited(3), capture_output=True, text=True,
    )  # fmt: skip
    clone.set(model__hidden_dims=[256])
    assert done.returncode == 1
    assert done.stderr.startswith("error: not enough memory: ")
    assert done.stderr.count("\n") == 1


def test_sizes_that_no_machine_has_are_refused_before_anything_is_touched(clone) -> None:
    before = clone.outs()
    for key, value in (("latent_dim", 100_000), ("model__hidden_dims", [65536] * 20)):
        clone.set(**{key: value})
        done = clone.run(*DVC, "repro", check=False)
        clone.git("checkout", "--quiet", "params.yaml")
        assert f"error: params.yaml: {key.replace('__', '.')} is " in done.stderr.replace(
            "latent_dim is 2 and ", ""
        )
        assert "Running stage 'download'" not in done.stdout
    assert clone.outs() == before


WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(-1, 300), max_size=3),
    st.sampled_from([[], {}, [[]], "1e-3", "0x10", "12:30", "2001-01-01", 10**6, 100_000]),
)
SANE = {
    ("latent_dim",): st.integers(1, 20),
    ("seed",): st.integers(0, 2**32 - 1),
    ("model", "hidden_dims"): st.lists(st.integers(1, 40), min_size=1, max_size=3),
    ("train", "batch_size"): st.integers(1, 200),
    ("train", "learning_rate"): st.floats(1e-12, 1e-2, exclude_min=True),
    ("train", "schedule"): st.sampled_from(["constant", "linear", "cosine"]),
    ("train", "validation_fraction"): st.floats(0.001, 0.9),
}


@st.composite
def files(draw: st.DrawFn) -> str:
    """params.yaml with some values exchanged for sane or wrong ones, or a key lost or invented."""
    tree = yaml.safe_load(default_params()) | {"dataset": "mnist_5k"}
    for path, sane in SANE.items():
        *sections, key = path
        for section in sections:
            inner = tree[section]
        target = inner if sections else tree
        kind = draw(st.sampled_from(["keep", "sane", "sane", "wrong", "lost", "invented"]))
        if kind in ("sane", "wrong"):
            target[key] = draw(sane if kind == "sane" else WRONG)
        if kind == "lost" and draw(st.booleans()):
            del target[key]
        if kind == "invented" and draw(st.booleans()):
            target[draw(st.text(max_size=8))] = draw(WRONG)
    return yaml.safe_dump(tree)


def outcome(file: Path) -> str:
    """`trained` a step, or the named error."""
    try:
        params = load_params(file)
        vae = build_vae(**dict(params.model), latent_dim=params.latent_dim, seed=params.seed)
        images = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
        train = params.train.model_copy(update={"epochs": 1})
        (epoch,) = fit(vae, images, images[:3], train, params.seed)
    except PipelineError as error:
        return str(error)
    return "trained" if math.isfinite(epoch.validation["neg_elbo_nats"]) else "a wrong result"


@pytest.mark.slow
def test_any_params_file_trains_a_step_or_gets_the_named_error(tmp_path) -> None:
    file, outcomes = tmp_path / "params.yaml", []

    @settings(max_examples=1000, deadline=None, derandomize=True)
    @given(text=files())
    def check(text: str) -> None:
        file.write_text(text, encoding="utf-8")
        outcomes.append(outcome(file))
        if outcomes[-1] != "trained" and "diverged in epoch 1" not in outcomes[-1]:
            assert all(line.startswith(f"{file}: ") for line in outcomes[-1].splitlines())

    check()
    trained = outcomes.count("trained")
    assert 30 < trained < len(outcomes) - 30, "both kinds must have been tried"
