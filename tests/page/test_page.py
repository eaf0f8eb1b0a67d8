"""The page: what it holds, that its bytes repeat, and how large it is."""

import base64
import io
import json
import re
import shutil
import sys

import numpy as np
import pytest
import yaml
from clone import Clone
from default_run import ROOT
from PIL import Image
from small_runs import SmallRun, embedded_in, make_run
from torch import nn

from mnist_vae.page import fragments
from mnist_vae.page.build import build_page, embedded, fill
from mnist_vae.page.latent_space import DIMS, quantised, shown_images, way_back


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> SmallRun:
    return make_run(tmp_path_factory.mktemp("run"), latent_dim=3, train=100, test=60)


@pytest.fixture(scope="module")
def page(run) -> str:
    return run.page().decode()


def floats(packed: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed), "<f4")


def test_two_builds_have_the_same_bytes(run, page) -> None:
    assert run.page().decode() == page


def test_every_placeholder_is_filled_and_nothing_is_fetched(page) -> None:
    assert "{{" not in page.split('id="run-data"')[0]
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "default-src 'none'" in page
    assert "</script>" not in embedded({"a": "</script><!--"})
    assert json.loads(embedded({"a": "</script>"})) == {"a": "</script>"}
    assert fill("{{a}} {{b}}", {"a": "{{b}}", "b": "\\1"}) == "{{b}} \\1"


def test_the_record_names_the_run_its_model_and_its_metrics(run, page) -> None:
    loaded, summary = run.load(), embedded_in(page, "run-data")
    assert "MNIST: mlp, grey, latent_dim 3, seed 0" in page
    assert page.count(loaded.model_md5) >= 3
    assert summary["metrics"] == loaded.metrics
    assert summary["params"]["train.batch_size"] == 50
    assert summary["losses"]["epoch"] == [1.0]


def test_the_pictures_are_the_test_images_in_their_order(run, page) -> None:
    space = embedded_in(page, "space-data")
    png = base64.b64decode(space["pictures"].partition(",")[2])
    found = np.asarray(Image.open(io.BytesIO(png))).reshape(-1, 28, 28)
    assert np.array_equal(found, run.load().images)
    assert np.array_equal(
        np.frombuffer(base64.b64decode(space["labels"]), np.uint8), run.load().labels
    )


def test_each_plane_is_the_map_that_its_points_come_from(run, page) -> None:
    z_mean, space = run.load().latents.test_z_mean, embedded_in(page, "space-data")
    assert [plane["basis"][:3] for plane in space["planes"]] == ["PCA", "LDA"]
    for plane in space["planes"]:
        forward = floats(plane["forward"]).reshape(2, 3)
        back = floats(plane["back"]).reshape(3, 2)
        points = floats(plane["points"]).reshape(-1, 2)
        assert z_mean @ forward.T + plane["origin"] == pytest.approx(points, abs=1e-4)
        assert forward @ back == pytest.approx(np.eye(2), abs=1e-4)


def test_codes_keep_four_digits_of_their_range() -> None:
    codes = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    codes[:, 2] = 0.7  # a dimension that does not vary
    packed = quantised(codes)
    steps = np.frombuffer(base64.b64decode(packed["steps"]), "<u2").reshape(50, 4)
    found = floats(packed["low"]) + floats(packed["step"]) * steps
    assert np.abs(found - codes).max() < 1e-4


def test_a_smaller_page_holds_fewer_images(run) -> None:
    small = embedded_in(run.page(10).decode(), "space-data")
    index = np.frombuffer(base64.b64decode(small["index"]), "<u4")
    assert np.array_equal(index, shown_images(60, 10))
    assert len(index) == 10
    assert (np.diff(index.astype(int)) > 0).all()
    assert len(run.page(1)) < len(run.page())


@pytest.mark.parametrize("dims", [1, 70])
def test_other_numbers_of_dimensions(tmp_path, dims) -> None:
    made = make_run(tmp_path, latent_dim=dims, train=50, test=40)
    space = embedded_in(made.page().decode(), "space-data")
    assert len(space["dims"]) == min(dims, DIMS)
    if dims == 1:
        heights = floats(space["planes"][0]["points"])[1::2]
        assert np.array_equal(np.rint(heights), made.load().labels)


def test_names_of_classes_are_text(run) -> None:
    names = ["<b>", "&amp;", *"23456789"]
    loaded = run.load()
    loaded = loaded._replace(dataset=loaded.dataset._replace(class_names=names))
    html = build_page(loaded, run.vae, 5)[0].decode()
    assert "<b></span>" not in html
    assert "&lt;b&gt;" in html


def test_a_fit_that_did_not_converge_says_so_beside_its_accuracy(run) -> None:
    def tiles(latent: bool, pixels: bool) -> list[str]:
        fits = {"latent.converged": latent, "pixels.converged": pixels}
        metrics = {"latent.accuracy": 0.5, "pixels.accuracy": 0.25}
        html = fragments.tiles(run.load()._replace(metrics=metrics, diagnostics=fits))
        return re.findall(r"<dt>(.*?)</dt>", html)

    warning = " (not converged; raise classify.max_iter)"
    latent, pixels = tiles(True, True)
    assert "converged" not in latent + pixels
    assert tiles(False, True) == [latent + warning, pixels]
    assert tiles(True, False) == [latent, pixels + warning]


def test_a_network_that_the_page_lacks_leaves_all_but_the_explorer(run, page) -> None:
    lacking = run.with_layer(nn.CELU())
    html, notes = build_page(lacking.load(), lacking.vae, 10_000)
    found = html.decode()
    holds, reason = notes.splitlines()
    assert holds == "The page holds all 60 test images."
    assert reason == (
        "The latent space cannot be explored: the page cannot compute the layer CELU "
        "(the decoder in src/mnist_vae/networks/mlp.py)."
    )
    assert reason in found
    assert reason not in page
    assert embedded_in(found, "network-data") is None
    assert 'id="plane"' in page
    assert 'id="plane"' not in found
    assert 'href="#i=' in page
    assert 'href="#i=' not in found
    for name in ("run-data", "space-data"):
        assert embedded_in(found, name) == embedded_in(page, name)


def test_the_stage_then_says_why_and_succeeds(tmp_path) -> None:
    changes = {"dataset": "mnist_5k", "train__epochs": 1, "train__batch_size": 50}
    run = make_run(tmp_path, train=50, test=40, dataset="mnist_5k")
    clone = Clone(tmp_path / "clone", **changes)
    for kind, file in run.files.items():
        folder = "models" if kind == "model" else "plots" if file.suffix == ".csv" else "data"
        (clone.path / folder).mkdir(exist_ok=True)
        shutil.copy(file, clone.path / folder)
    for name in ("train", "evaluate", "classify_latent", "classify_pixels"):
        shutil.copy(tmp_path / "metrics.json", clone.path / f"metrics/{name}.json")
        shutil.copy(tmp_path / "diagnostics.json", clone.path / f"diagnostics/{name}.json")
    network = clone.path / "src/mnist_vae/networks/mlp.py"
    plain = network.read_text()
    network.write_text(plain.replace("(*modules[:-1])", "(*modules[:-1], nn.CELU(1e9))"))
    assert network.read_text() != plain
    done = clone.run(sys.executable, "-E", "stages/report.py")
    said = done.stdout.splitlines()[-1]
    assert said.startswith("The latent space cannot be explored: the page cannot compute the layer")
    assert said in (clone.path / "report/index.html").read_text()


def test_long_trainings_are_thinned_and_keep_their_end() -> None:
    found = fragments.thinned({"epoch": list(range(1, 10_004)), "x": [1.0] * 10_003}, 500)
    assert len(found["epoch"]) == len(found["x"]) <= 500
    assert found["epoch"][-1] == 10_003


def test_the_committed_pages_are_as_small_as_they_should_be() -> None:
    """What dvc.lock says of the default run's page; of 64 dimensions, test_full_mnist.py does."""
    lock = yaml.safe_load((ROOT / "dvc.lock").read_text())["stages"]["report"]
    (out,) = lock["outs"]
    assert out["size"] < 5e6


def test_the_way_back_from_a_plane_is_the_one_that_codes_take() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(2000, 3)) * [2, 1, 0.05]
    forward = np.array([[0.1, 0, 5], [0, 1, 0]])  # the third dimension counts most and varies least
    back = way_back(forward, z)
    assert forward @ back == pytest.approx(np.eye(2), abs=1e-9)
    fitted = np.linalg.lstsq(z @ forward.T, z, rcond=None)[0].T
    assert back == pytest.approx(fitted, rel=0.05, abs=0.02)
    assert np.isfinite(way_back(forward, np.zeros((5, 3)))).all()
