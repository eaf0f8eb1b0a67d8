"""The trained model in programs of one's own."""

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from default_run import ROOT
from onnx.reference import ReferenceEvaluator
from PIL import Image
from small_runs import SmallRun, make_run

import mnist_vae
from mnist_vae.errors import DataError, WrongInputError
from mnist_vae.model.inference import decode, encode
from mnist_vae.use.trained import TrainedVAE


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> SmallRun:
    return make_run(tmp_path_factory.mktemp("use"), latent_dim=3)


@pytest.fixture(scope="module")
def vae(run) -> TrainedVAE:
    return mnist_vae.load(run.files["model"])


@pytest.fixture(scope="module")
def images(run) -> np.ndarray:
    return run.load().images


def test_the_file_alone_gives_what_the_pipeline_computes(run, vae, images, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert (vae.latent_dim, vae.shape, vae.params["seed"]) == (3, (1, 28, 28), 0)
    z_mean, z_log_var = vae.encode(images)
    assert np.array_equal([z_mean, z_log_var], encode(run.vae, images))
    assert np.array_equal(vae.decode(z_mean), decode(run.vae, z_mean))
    assert np.array_equal(vae.sample(4, seed=1), vae.sample(4, seed=1))
    assert vae.sample(4).shape == (4, 28, 28)
    one, picture = vae.encode(images[0]), vae.encode(Image.fromarray(images[0]))
    assert one[0].shape == (3,)
    np.testing.assert_allclose(one, picture)
    np.testing.assert_allclose(one[0], z_mean[0], atol=1e-5)
    assert vae.decode(one[0]).shape == (28, 28)


def test_colours(tmp_path) -> None:
    run = make_run(tmp_path, drawn="shapes")
    vae, images = mnist_vae.load(run.files["model"]), run.load().images
    z_mean, _ = vae.encode(images)
    assert vae.decode(z_mean).shape == (len(images), 32, 32, 3)
    assert np.array_equal(vae.encode(Image.fromarray(images[0]))[0], vae.encode(images[0])[0])


REFUSED: list[tuple[Any, str]] = [
    (np.zeros((2, 27, 28), np.uint8), r"the shape \(2, 27, 28\) instead of \(N, 28, 28\)"),
    (np.zeros(784, np.uint8), r"the shape \(784,\) instead of \(N, 28, 28\)"),
    (np.zeros((2, 28, 28)), r"are float64 instead of uint8; of values in \[0, 1\], `\(255 \* im"),
    ([np.zeros((28, 28), np.uint8)], r"are a list; one array is wanted: `numpy.stack\(images\)`"),
    (Image.new("F", (28, 28)), "the image has the mode F; L or RGB is wanted"),
    (Image.new("I;16", (28, 28)), "the image has the mode I;16; L or RGB is wanted"),
    (Image.new("L", (30, 28)), r"the shape \(28, 30\) instead of \(N, 28, 28\)"),
]


@pytest.mark.parametrize(("images", "message"), REFUSED)
def test_other_images_are_refused_in_a_line(vae, images, message) -> None:
    with pytest.raises(DataError, match=message) as caught:
        vae.encode(images)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("z", [np.zeros((4, 2)), np.zeros(()), "z", np.zeros(4, bool)])
def test_another_z_is_refused_in_a_line(vae, z) -> None:
    with pytest.raises(DataError, match=r"^z is .* instead of numbers \(\.\.\., 3\)$"):
        vae.decode(z)


def test_a_list_of_unequal_rows_is_refused_and_a_tensor_taken(vae) -> None:
    with pytest.raises(DataError, match="z is a list of unequal rows instead of one array"):
        vae.decode([[0, 0, 0], [0, 0]])
    z = torch.zeros(2, 3, requires_grad=True)
    assert np.array_equal(vae.decode(z), vae.decode([[0, 0, 0]] * 2))


def test_no_images_have_no_codes(vae) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        z_mean, z_log_var = vae.encode(np.zeros((0, 28, 28), np.uint8))
    assert z_mean.shape == z_log_var.shape == (0, 3)
    assert vae.decode(z_mean).shape == vae.sample(0).shape == (0, 28, 28)


def test_a_model_of_another_network_or_of_other_parameters_is_a_line(run, tmp_path) -> None:
    saved = torch.load(run.files["model"], weights_only=True)
    for key, value, message in [
        ("model.network", "mine", r"^\S*vae.pt: is of a network that .* lacks: src/\S*/mine.py$"),
        (
            "model.mlp.hidden_dims",
            "no",
            r"^\S*vae.pt: has other parameters than model.network mlp ",
        ),
        ("model.mlp.hidden_dims", [3], r"^\S*vae.pt: is not of model.network mlp: "),
    ]:
        saved_params = saved["params"] | {key: value}
        torch.save(saved | {"params": saved_params}, tmp_path / "vae.pt")
        with pytest.raises(WrongInputError, match=message) as caught:
            mnist_vae.load(tmp_path / "vae.pt")
        assert "\n" not in str(caught.value)


def test_no_model_is_a_line(tmp_path) -> None:
    with pytest.raises(DataError, match=r"models/vae\.pt: is missing"):
        mnist_vae.load(tmp_path)
    (tmp_path / "vae.pt").write_text("no")
    with pytest.raises(DataError, match="is not a model of this project"):
        mnist_vae.load(tmp_path / "vae.pt")
    with pytest.raises(AttributeError, match="has no attribute 'lod'"):
        mnist_vae.lod  # noqa: B018


def test_images_that_look_inverted_are_warned_of(vae, images) -> None:
    with pytest.warns(UserWarning, match="the images look inverted"):
        vae.encode(255 - images)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vae.encode(images)


def test_importing_and_loading_change_no_global_setting(run) -> None:
    code = f"""
import os, random, sys
import numpy, torch, matplotlib
def state():
    return (dict(os.environ), torch.get_num_threads(), torch.random.get_rng_state().tolist(),
            torch.get_default_dtype(), dict(matplotlib.rcParams), matplotlib.get_backend(),
            random.getstate(), numpy.random.get_state()[1].tolist(), sys.path[1:])
before = state()
import mnist_vae
vae = mnist_vae.load({str(run.files["model"])!r})
vae.decode(vae.encode(numpy.zeros((3, 28, 28), "uint8"))[0])
assert state() == before
"""
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-c", code], check=True, env=env, cwd=run.folder)


def test_latents_are_arrays_and_a_table(run) -> None:
    latents = mnist_vae.load_latents(run.files["latents"])
    frame = latents.to_frame()
    assert list(frame.columns) == ["z_1", "z_2", "z_3", "label", "split"]
    test = frame[frame.split == "test"]
    assert np.array_equal(test[["z_1", "z_2", "z_3"]], latents.test_z_mean)
    assert np.array_equal(test.label, latents.test_labels)
    assert len(frame) == len(latents.train_labels) + len(latents.test_labels)


def blocks() -> list[str]:
    text = (ROOT / "docs/use.md").read_text()
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_the_page_on_use_runs_as_it_stands(run, tmp_path, monkeypatch) -> None:
    """In a folder with the files that it names."""
    monkeypatch.chdir(tmp_path)
    for name, kind in (("models/vae.pt", "model"), ("data/latents.npz", "latents"),
                       ("data/images.npz", "images")):  # fmt: skip
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(run.files[kind].read_bytes())
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        for block in blocks():
            exec(block, found)
    assert found["reconstructions"].shape == (100, 28, 28)
    assert found["digits"].shape == (16, 28, 28)
    wanted = {"encoder": np.hstack([found["z_mean"], run.vae.encode(found["x"])[1].detach()])}
    wanted["decoder"] = run.vae.decode(torch.from_numpy(found["z_mean"])).detach().numpy()
    for name, given in (("encoder", found["x"].numpy()), ("decoder", found["z_mean"])):
        evaluator: Any = ReferenceEvaluator(f"{name}.onnx")
        (output,) = evaluator.run(None, {"input": given[:7]})
        np.testing.assert_allclose(output, wanted[name][:7], atol=1e-4)
