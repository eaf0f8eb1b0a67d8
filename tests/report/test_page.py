"""The page: what it holds, that its bytes repeat, and how large it is."""

import base64
import io
import json
import re

import numpy as np
import pytest
import yaml
from committed import ROOT
from PIL import Image
from runs import SmallRun, make_run

from mnist_vae.files.png import encode_png
from mnist_vae.report import page as builder
from mnist_vae.report.charts import bar_chart, line_chart, thinned, ticks
from mnist_vae.report.latent_space import DIMS, quantised, shown_images, way_back
from mnist_vae.report.page import build_page, embedded, fill


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> SmallRun:
    return make_run(tmp_path_factory.mktemp("run"), latent_dim=3, train=100, test=60)


@pytest.fixture(scope="module")
def page(run) -> str:
    return run.page().decode()


def island(page: str, name: str) -> dict:
    found = re.search(rf'id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


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
    loaded, summary = run.load(), island(page, "run-data")
    assert "MNIST: mlp, grey, latent_dim 3, seed 0" in page
    assert page.count(loaded.model_md5) >= 3
    assert summary["metrics"] == loaded.metrics
    assert summary["params"]["train.batch_size"] == 50
    assert summary["losses"]["epoch"] == [1.0]


def test_the_pictures_are_the_test_images_in_their_order(run, page) -> None:
    space = island(page, "space-data")
    png = base64.b64decode(space["pictures"].partition(",")[2])
    found = np.asarray(Image.open(io.BytesIO(png))).reshape(-1, 28, 28)
    assert np.array_equal(found, run.load().images)
    assert np.array_equal(
        np.frombuffer(base64.b64decode(space["labels"]), np.uint8), run.load().labels
    )


def test_each_plane_is_the_map_that_its_points_come_from(run, page) -> None:
    z_mean, space = run.load().latents.test_z_mean, island(page, "space-data")
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
    small = island(build_page(run.load(), run.vae, 10).decode(), "space-data")
    index = np.frombuffer(base64.b64decode(small["index"]), "<u4")
    assert np.array_equal(index, shown_images(60, 10))
    assert len(index) == 10
    assert (np.diff(index.astype(int)) > 0).all()
    run_of_one = build_page(run.load(), run.vae, 1)
    assert len(run_of_one) < len(run.page())


@pytest.mark.parametrize("dims", [1, 70])
def test_other_numbers_of_dimensions(tmp_path, dims) -> None:
    made = make_run(tmp_path, latent_dim=dims, train=50, test=40)
    space = island(made.page().decode(), "space-data")
    assert len(space["dims"]) == min(dims, DIMS)
    if dims == 1:
        heights = floats(space["planes"][0]["points"])[1::2]
        assert np.array_equal(np.rint(heights), made.load().labels)


def test_names_of_classes_are_text(run) -> None:
    names = ["<b>", "&amp;", *"23456789"]
    html = build_page(run.load()._replace(class_names=names), run.vae, 5).decode()
    assert "<b></span>" not in html
    assert "&lt;b&gt;" in html


def test_a_png_is_what_other_libraries_read() -> None:
    picture = np.arange(35, dtype=np.uint8).reshape(5, 7) * 7
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(picture)))), picture)


@pytest.mark.parametrize("span", [(0, 1), (149.3, 172.2), (-3, -2.999), (0, 1e5)])
def test_ticks_are_round_and_cover_the_span(span) -> None:
    found = ticks(*span)
    assert found[0] <= span[0] < span[1] <= found[-1] + 1e-9
    assert 3 <= len(found) <= 12
    assert len(set(found)) == len(found)


def test_charts_keep_every_value_inside() -> None:
    chart = line_chart("nats", [1, 2, 3], {"train": [5.0, 2.0, 1.0], "validation": [6, 4, 3]})
    points = re.findall(r'points="([^"]+)"', chart)
    places = np.array([[pair.split(",") for pair in line.split()] for line in points], float)
    assert places.shape == (2, 3, 2)
    assert (places >= 0).all()
    assert (places <= [360, 220]).all()
    assert places[0, 0, 1] < places[0, 2, 1]  # more nats lie higher
    assert "train 1.00, validation 3.00" in chart
    assert "circle" in line_chart("one epoch", [1], {"train": [5.0]})
    assert bar_chart("none", ["z_1"], [0.0]).count("<rect") == 1


def test_long_trainings_are_thinned_and_keep_their_end() -> None:
    found = thinned({"epoch": list(range(1, 10_004)), "x": [1.0] * 10_003})
    assert len(found["epoch"]) == len(found["x"]) <= 500
    assert found["epoch"][-1] == 10_003


def test_the_committed_pages_are_as_small_as_they_should_be() -> None:
    """What dvc.lock says of the default run's page; of 64 dimensions, test_full_mnist.py does."""
    lock = yaml.safe_load((ROOT / "dvc.lock").read_text())["stages"]["report"]
    (out,) = lock["outs"]
    assert out["size"] < 5e6


def test_every_file_of_the_page_is_small() -> None:
    for path in builder.FOLDER.glob("*.js"):
        assert len(path.read_text().splitlines()) <= 150, path


def test_the_way_back_from_a_plane_is_the_one_that_codes_take() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(2000, 3)) * [2, 1, 0.05]
    forward = np.array([[0.1, 0, 5], [0, 1, 0]])  # the third dimension counts most and varies least
    back = way_back(forward, z)
    assert forward @ back == pytest.approx(np.eye(2), abs=1e-9)
    fitted = np.linalg.lstsq(z @ forward.T, z, rcond=None)[0].T
    assert back == pytest.approx(fitted, rel=0.05, abs=0.02)
    assert np.isfinite(way_back(forward, np.zeros((5, 3)))).all()
