"""Pages of images of any size, coloured or grey, and of any number of classes."""

import base64
import html
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from small_runs import SmallRun, embedded_in, make_run

from mnist_vae import random_streams
from mnist_vae.model.inference import decode
from mnist_vae.page import build, confusions
from mnist_vae.page.build import build_page
from mnist_vae.page.latent_space import shown_images
from mnist_vae.page.loaded_run import Run
from mnist_vae.page.proportions import proportions

SHAPES = {"shapes": (3, 32, 32), "letters": (1, 28, 28), "bars": (1, 5, 23)}
Maker = Callable[[str], tuple[SmallRun, str]]


class Cells(HTMLParser):
    """The numbers of the cells that say which classes they are of, by what their table says its
    answers are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.of: tuple[int, int] | None = None
        self.counts: dict[str, dict[tuple[int, int], int]] = {}
        self.by = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        own = dict(attrs)
        self.by = own.get("data-by", self.by)
        is_cell = tag == "td" and "data-actual" in own
        self.of = (int(own["data-actual"]), int(own["data-predicted"])) if is_cell else None

    def handle_data(self, data: str) -> None:
        if self.of:
            self.counts.setdefault(self.by, {})[self.of], self.of = int(data), None


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Maker:
    """A run by the name of its images, and its page; each is made once."""
    runs: dict[str, tuple[SmallRun, str]] = {}

    def make(name: str) -> tuple[SmallRun, str]:
        if name not in runs:
            run = make_run(tmp_path_factory.mktemp(name), drawn=name, train=260, test=130)
            runs[name] = run, run.page().decode()
        return runs[name]

    return make


def read_png(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


@pytest.mark.parametrize("name", SHAPES)
def test_the_page_has_the_images_and_their_shape(made, name) -> None:
    run, page = made(name)
    images, space = run.load().images, embedded_in(page, "space-data")
    assert np.array_equal(read_png(space["pictures"]).reshape(images.shape), images)
    assert embedded_in(page, "run-data")["shape"] == list(SHAPES[name])
    assert "The page holds all 130 test images." in page


@pytest.mark.parametrize("name", SHAPES)
def test_samples_typical_and_hardest_images_keep_their_proportions_and_pixels(made, name) -> None:
    run, page = made(name)
    loaded, (_, height, width) = run.load(), SHAPES[name]
    pictures = re.findall(r'<img[^>]*width="(\d+)" height="(\d+)"[^>]*src="([^"]+)"', page)
    assert len(pictures) == 64 + 2 * (8 + 16)
    z = random_streams.prior_samples(run.params.seed).standard_normal((8, 16, 2))[:4]
    for found, sample in zip(
        pictures, np.rint(255 * decode(run.vae, z.reshape(64, 2))), strict=False
    ):
        assert np.array_equal(read_png(found[2]), sample)
    by_nats = np.argsort(-loaded.nats, kind="stable")
    typical = by_nats[61:69]
    assert loaded.nats[typical].min() < np.median(loaded.nats) < loaded.nats[typical].max()
    chosen = np.concatenate([typical, by_nats[:16]])
    decoded = np.rint(255 * decode(run.vae, loaded.latents.test_z_mean[chosen]))
    for at, index in enumerate(chosen):
        assert np.array_equal(read_png(pictures[64 + 2 * at][2]), loaded.images[index])
        assert np.array_equal(read_png(pictures[65 + 2 * at][2]), decoded[at])
    for wide, tall, _ in pictures:
        assert int(wide) / int(tall) == pytest.approx(width / height, rel=0.05)
    assert ('class="ink"' in page) == (name == "letters")  # white on black, grey


@pytest.mark.parametrize(("height", "width"), [(28, 28), (32, 24), (5, 23), (64, 4), (4, 64)])
def test_proportions_are_those_of_the_pixels_in_about_the_place_of_a_square(height, width) -> None:
    wide, tall = proportions(height, width)
    assert wide / tall == pytest.approx(width / height)
    assert max(wide, tall) <= 2
    assert wide * tall == pytest.approx(1) or max(wide, tall) == 2


def test_a_canvas_to_draw_on_is_there_if_strokes_can_imitate_the_images(made) -> None:
    run, page = made("letters")
    assert 'id="drawing"' not in page
    loaded = run.load()
    drawable = loaded._replace(dataset=loaded.dataset._replace(drawable=True))
    found = build_page(drawable, run.vae, 20)[0].decode()
    assert found.count('id="drawing"') == 1
    assert "{{" not in found.split('id="run-data"')[0]


def test_the_matrix_of_26_classes_counts_every_test_image(made) -> None:
    run, page = made("letters")
    loaded = run.load()
    answers = {"predicted": loaded.predicted, "pixelsPredicted": loaded.pixels_predicted}
    cells = Cells(page).counts
    assert list(cells) == list(answers)
    for name, predicted in answers.items():
        pairs = Counter(zip(loaded.labels.tolist(), predicted.tolist(), strict=True))
        assert len(cells[name]) == 26**2
        assert {pair: count for pair, count in cells[name].items() if count} == pairs
    assert page.count('class="confusion matrix dense"') == 2


def with_classes(run: Run, names: list[str]) -> Run:
    """The same run as if its images had so many classes, and a classifier had guessed."""
    rng, count = np.random.default_rng(0), len(run.labels)
    labels = rng.integers(len(names), size=count).astype(np.uint16)
    guesses = np.where(rng.random(count) < 0.5, labels, rng.integers(5, size=count))
    predicted, dataset = guesses.astype(np.uint16), run.dataset._replace(class_names=names)
    answers = {"predicted": predicted, "pixels_predicted": labels}
    return run._replace(dataset=dataset, labels=labels, **answers)


def test_of_many_classes_the_most_frequent_confusions_are_listed(made, monkeypatch) -> None:
    monkeypatch.setattr(confusions, "LISTED", 12)
    run, _ = made("letters")
    many = with_classes(run.load(), [f"<{n}>" for n in range(300)])
    page = build_page(many, run.vae, 130)[0].decode()
    pairs = zip(many.labels.tolist(), many.predicted.tolist(), strict=True)
    wrong = Counter(pair for pair in pairs if pair[0] != pair[1])
    cells = Cells(page).counts["predicted"]
    assert len(cells) == 12
    assert all(wrong[pair] == count for pair, count in cells.items())
    assert list(cells.values()) == sorted(wrong.values(), reverse=True)[:12]
    said = (
        f"{wrong.total()} of all 130 test images are taken for another class, in {len(wrong)} ways"
    )
    assert said in page
    assert "A matrix of 300 classes could not be read" in page
    (label, other), *_ = cells
    row = re.search(rf'<tr>((?:(?!<tr>).)*)data-actual="{label}"', page)
    assert row
    named = re.findall(r"<th[^>]*>(.*?)</th>", row[1])[-2:]
    assert [html.unescape(name) for name in named] == [f"<{label}>", f"<{other}>"]


def test_labels_beyond_256_classes_have_two_bytes(made) -> None:
    run, _ = made("bars")
    many = with_classes(run.load(), [str(n) for n in range(1000)])
    space = embedded_in(build_page(many, run.vae, 40)[0].decode(), "space-data")
    shown = shown_images(130, 40)
    for name, labels in (("labels", many.labels), ("predicted", many.predicted)):
        found = np.frombuffer(base64.b64decode(space[name]), "<u2")
        assert np.array_equal(found, labels[shown])


@pytest.mark.parametrize(
    ("limit", "value"), [("MOST_BYTES", None), ("MOST_PIXELS", 40 * 32 * 32 + 1)]
)
def test_a_page_without_room_for_all_images_has_fewer_and_says_so(
    made, monkeypatch, limit, value
) -> None:
    run, page = made("shapes")
    space = len(json.dumps(embedded_in(page, "space-data")))
    value = value or len(page) - space // 2
    monkeypatch.setattr(build, limit, value)
    monkeypatch.setattr(build, "LEAST_IMAGES", 5)
    found, notes = build_page(run.load(), run.vae, 10_000)
    index = np.frombuffer(
        base64.b64decode(embedded_in(found.decode(), "space-data")["index"]), "<u4"
    )
    assert 5 < len(index) < 130
    assert np.array_equal(index, shown_images(130, len(index)))
    said = f"The page holds {len(index)} of the 130 test images, for more would make it too large."
    assert notes == said
    assert said in found.decode()
    if limit == "MOST_BYTES":
        assert value - space // 4 < len(found) <= value
    else:
        assert len(index) == 40


def test_a_page_keeps_a_few_images_however_large_its_network_is(made, monkeypatch) -> None:
    run, _ = made("shapes")
    monkeypatch.setattr(build, "MOST_BYTES", 1_000_000)  # the network alone has seven times as many
    monkeypatch.setattr(build, "LEAST_IMAGES", 7)
    assert build_page(run.load(), run.vae, 10_000)[1].startswith("The page holds 7 of the 130 ")


def test_fewer_images_that_were_asked_for_need_no_reason(made) -> None:
    run, _ = made("bars")
    notes = build_page(run.load(), run.vae, 20)[1]
    assert notes == "The page holds 20 of the 130 test images."
