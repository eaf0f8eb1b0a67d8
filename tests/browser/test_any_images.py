"""Coloured images, narrow ones, many classes with long names: what a reader sees and can do."""

import colorsys
from collections import Counter

import numpy as np
import pytest
from browser_actions import (
    decoded_by_torch,
    decoded_in_page,
    draw,
    settle,
    shown,
    text,
    violations,
    wait_until,
    z_of,
)

from mnist_vae.page.build import build_page

pytestmark = pytest.mark.slow
LEVEL = 1.5 / 200  # of a canvas, whose ink and paper are some 200 steps apart
LONG = "a class with an extraordinarily long name that fits nowhere at all"
NAMES = [*"ABCDEFGHIJKLMNOPQRSTUVW", "ひらがな", LONG, "Donaudampfschifffahrtsgesellschaft" * 2]
DRAWN = {
    "coloured": {"drawn": "shapes"},
    "letters": {"drawn": "letters", "said": {"class_names": NAMES}},
    "narrow": {"drawn": "bars"},
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", DRAWN)
def test_images_are_shown_as_they_are_and_decoded_as_torch_does(
    visit, written, name, scheme
) -> None:
    made = written(**DRAWN[name])
    run, vae = made.run.load(), made.run.vae
    page = visit(made.path, color_scheme=scheme)
    for place in (0, 17):
        page.evaluate(f"showImage({place})")
        settle(page)
        assert np.abs(shown(page, "card-image") - run.images[place] / 255).max() < LEVEL
        mean = run.latents.test_z_mean[place]
        assert z_of(page) == pytest.approx(mean, abs=1e-5)
        picture = decoded_by_torch(vae, mean)
        assert np.abs(shown(page, "card-decoded") - picture).max() < LEVEL
        assert np.abs(shown(page, "decoded") - picture).max() < LEVEL
        assert np.abs(decoded_in_page(page) - picture).max() < 1e-5


@pytest.mark.parametrize("name", DRAWN)
def test_where_strokes_imitate_no_image_one_begins_at_a_test_image(visit, written, name) -> None:
    page = visit(written(**DRAWN[name]).path)
    assert page.locator("#drawing, #copy-image, #draw").count() == 0
    assert "draw" not in page.locator("main > .live-only").first.inner_text().lower()
    page.click("#any-image")
    settle(page)
    assert page.evaluate("state.shown.place") >= 0
    page.locator("#neighbours a").last.click()
    wait_until(page, "location.hash.startsWith('#i=')")
    assert "Test image" in text(page, "card-text")


@pytest.mark.parametrize("name", DRAWN)
def test_pictures_keep_their_proportions_on_the_screen(visit, written, name) -> None:
    page = visit(written(**DRAWN[name]).path, "#i=3", viewport={"width": 390, "height": 800})
    _, height, width = page.evaluate("run.shape")
    for place in (
        "#decoded",
        "#card-image",
        "#neighbours canvas",
        ".cards img",
        "#samples ~ ul img",
    ):
        inside = page.locator(place).first.evaluate("(own) => [own.clientWidth, own.clientHeight]")
        assert inside[0] / inside[1] == pytest.approx(width / height, rel=0.07), place


def test_a_row_of_images_that_fill_their_frames_has_gaps(visit, written) -> None:
    made = written(**DRAWN["coloured"])
    page = visit(made.path)
    page.wait_for_timeout(500)
    walk = page.locator("#walks canvas").first
    alphas = walk.evaluate(
        """(canvas) => {
          const copy = new OffscreenCanvas(canvas.width, 1).getContext("2d");
          copy.drawImage(canvas, 0, 0);
          const { data } = copy.getImageData(0, 0, canvas.width, 1);
          return Array.from(data).filter((_, at) => at % 4 === 3);
        }"""
    )
    gaps = np.flatnonzero(np.array(alphas) == 0)
    assert gaps.tolist() == [33 * tile + 32 for tile in range(12)]


def test_the_walks_of_a_slow_network_follow_once_z_rests(visit, written) -> None:
    made = written(drawn="shapes", model__network="conv", latent_dim=5)
    page = visit(made.path)
    page.evaluate("set({ z: Float32Array.from([0.5, -1, 0.25, 1, -0.5]) })")
    read = """() => {
      const canvas = [...document.querySelectorAll("#walks canvas")].at(-1);
      const copy = new OffscreenCanvas(32, 32).getContext("2d");
      copy.drawImage(canvas, -33 * 12, 0);
      return Array.from(copy.getImageData(0, 0, 32, 32).data);
    }"""
    z = z_of(page)
    z[page.evaluate("space.dims.at(-1)")] = 3  # where the last tile is
    picture = decoded_by_torch(made.run.vae, z)
    for _ in range(100):
        found = np.array(page.evaluate(read)).reshape(32, 32, 4)[..., :3] / 255
        if np.abs(found - picture).max() < LEVEL:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the last walk is not of z")


def test_decoded_images_that_are_narrow_fill_the_plane(visit, written) -> None:
    made = written(**DRAWN["narrow"])
    page = visit(made.path)
    page.check("#backdrop-choice")
    wait_until(page, "document.getElementById('backdrop').width === 7 * 23")
    page.wait_for_timeout(500)
    found = page.evaluate(
        """() => {
          const { data } = document.getElementById("backdrop").getContext("2d")
            .getImageData(2 * 23, 30 * 5, 23, 5);
          const z = toZ(fromCanvas([2.5 / 7, 30.5 / 32], 1), state.z);
          return [Array.from(z), Array.from(data).filter((_, at) => at % 4 === 0)];
        }"""
    )
    picture = decoded_by_torch(made.run.vae, np.array(found[0], np.float32))
    assert np.abs(np.array(found[1]).reshape(5, 23) / 255 - picture).max() < LEVEL


def test_the_matrix_of_26_classes_scrolls_inside_its_box_on_a_phone(visit, written) -> None:
    page = visit(written(**DRAWN["letters"]).path, "#i=3", viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator(".scroll:has(.matrix)").first
    assert box.evaluate("(own) => own.scrollWidth > own.clientWidth")
    box.evaluate("(own) => own.scrollTo(1e4, 0)")
    settle(page)
    left = box.bounding_box()["x"]
    for header in box.locator("[scope=row]").all():
        assert header.bounding_box()["x"] == pytest.approx(left, abs=1)
    last = box.locator('td[data-actual="0"][data-predicted="25"]').bounding_box()
    assert last["x"] + last["width"] <= 390
    assert last["height"] >= 24
    assert violations(page) == []


@pytest.mark.parametrize("width", [360, 820, 1440])
@pytest.mark.parametrize("name", DRAWN)
def test_nothing_is_wider_than_the_screen(visit, written, name, width) -> None:
    page = visit(written(**DRAWN[name]).path, "#i=24", viewport={"width": width, "height": 800})
    page.locator("#confusion button").last.click()
    page.click("#pin-a")
    page.click("#pin-b")
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_26_classes_have_26_hues_that_alternate_in_lightness(visit, written) -> None:
    page = visit(written(**DRAWN["letters"]).path)
    found = page.evaluate(
        "Array.from(document.querySelectorAll('#legend .key'), "
        "(key) => getComputedStyle(key).backgroundColor.match(/\\d+/g).map(Number))"
    )
    wanted = [colorsys.hls_to_rgb(k / 26, [0.38, 0.6][k % 2], 0.75) for k in range(26)]
    assert np.abs(np.array(found) - 255 * np.array(wanted)).max() <= 1
    assert len({tuple(colour) for colour in found}) == 26


@pytest.fixture
def many_classes(written):
    """A run of 300 classes, and its page."""
    made = written(**DRAWN["letters"], latent_dim=1)
    run, rng = made.run.load(), np.random.default_rng(0)
    labels = np.arange(200, dtype=np.uint16) + 100
    predicted = np.where(rng.random(200) < 0.5, labels, 299).astype(np.uint16)
    dataset = run.dataset._replace(class_names=[f"class {n}" for n in range(300)])
    answers = {"predicted": predicted, "pixels_predicted": labels}
    run = run._replace(labels=labels, dataset=dataset, **answers)
    path = made.run.folder / "many.html"
    path.write_bytes(build_page(run, made.run.vae, 10_000)[0])
    return run, path


def test_many_classes_have_a_table_of_confusions_and_a_legend_that_scrolls(
    visit, many_classes
) -> None:
    run, path = many_classes
    page = visit(path, viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("Array.from(space.labels)") == run.labels.tolist()
    assert "A matrix of 300 classes could not be read" in page.locator("#errors + p").inner_text()
    legend = page.locator("#legend").bounding_box()
    assert legend["height"] < 200
    assert page.locator("#legend li").count() == 300
    assert violations(page) == []
    button = page.locator("#confusion button").first
    cell = page.locator("#confusion td[data-actual]").first
    actual, predicted = (int(cell.get_attribute(f"data-{of}")) for of in ("actual", "predicted"))
    counts = Counter(zip(run.labels.tolist(), run.predicted.tolist(), strict=True))
    assert int(button.inner_text()) == counts[actual, predicted]
    button.click()
    settle(page)
    wanted = np.flatnonzero((run.labels == actual) & (run.predicted == predicted))
    assert page.evaluate("[...state.focus]") == wanted.tolist()


@pytest.mark.parametrize("filled", [True, False])
def test_one_draws_on_a_canvas_of_the_images_proportions(visit, written, filled) -> None:
    said = {"drawable": True, "filled": filled, "background": True}
    page = visit(written(drawn="bars", said=said).path)
    assert page.evaluate("[drawing.width, drawing.height]") == [276, 60]
    draw(page, (0.1, 0.2), (0.1, 0.8))
    image = shown(page, "drawn-image")
    assert image.shape == (5, 23)
    assert image.sum() > 2
    if filled:  # neither moved nor scaled
        assert image[:, :6].sum() == pytest.approx(image.sum())
    else:
        mass = image.sum()
        assert (image.sum(0) @ (np.arange(23) + 0.5)) / mass == pytest.approx(11.5, abs=0.3)
        assert (image.sum(1) @ (np.arange(5) + 0.5)) / mass == pytest.approx(2.5, abs=0.3)
    assert text(page, "drawing-text").startswith("Your drawing")
    assert page.locator("#drawn-image").get_attribute("aria-label").endswith("in 23 by 5 pixels")


def test_a_test_image_is_copied_pixel_by_pixel_to_a_canvas_that_is_not_square(
    visit, written
) -> None:
    made = written(drawn="bars", said={"drawable": True})
    page = visit(made.path)
    page.evaluate("showImage(3)")
    page.click("#copy-image")
    settle(page)
    assert page.evaluate("state.shown.place") == -1
    wanted = made.run.load().images[3] / 255
    assert np.abs(shown(page, "drawn-image") - wanted).max() < LEVEL
