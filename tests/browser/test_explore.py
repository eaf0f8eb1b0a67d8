"""Each thing that a reader can do in the latent space, done."""

import numpy as np
import pytest
from browser_actions import (
    centre_of,
    decoded_by_torch,
    decoded_in_page,
    draw,
    point,
    settle,
    shown,
    text,
    wait_until,
    z_of,
)

pytestmark = pytest.mark.slow
LEVEL = 1.5 / 200  # of a canvas, whose ink and paper are some 200 steps apart


@pytest.fixture
def page(visit, trained):
    return visit(trained.path)


def test_dragging_moves_z_and_the_picture_is_torchs_decode_of_it(page, trained) -> None:
    x, y = centre_of(page, "plane")
    seen = []
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 5):
        page.mouse.move(x + 40 * step, y - 25 * step)
        settle(page)
        picture = decoded_by_torch(trained.run.vae, z_of(page))
        assert np.abs(shown(page, "decoded") - picture).max() < LEVEL
        assert np.abs(decoded_in_page(page) - picture).max() < 1e-5
        seen.append(z_of(page))
    page.mouse.up()
    assert (np.diff(seen, axis=0) > 0).all()  # z_1 grows to the right and z_2 upwards
    assert z_of(page) == pytest.approx(seen[-1])


def test_hovering_shows_a_point_and_clicking_it_its_image_and_code(page, trained) -> None:
    run = trained.run.load()
    page.mouse.move(*point(page, 7))
    place = page.evaluate("state.hovered")
    assert place >= 0
    page.mouse.down()
    page.mouse.up()
    settle(page)
    assert page.evaluate("state.shown.place") == place
    assert np.abs(shown(page, "card-image") - run.images[place] / 255).max() < LEVEL
    mean = run.latents.test_z_mean[place]
    assert z_of(page) == pytest.approx(mean, abs=1e-5)
    reconstruction = decoded_by_torch(trained.run.vae, mean)
    assert np.abs(shown(page, "card-decoded") - reconstruction).max() < LEVEL
    log_var = page.evaluate("Array.from(state.shown.logVar)")
    assert log_var == pytest.approx(run.latents.test_z_log_var[place], abs=1e-5)
    said = text(page, "card-text")
    assert f"{run.nats[place]:.1f} nats" in said
    below = int(100 * (run.nats < run.nats[place]).mean())
    assert f"a larger loss than that of {below} % of the test images" in said


def test_a_stroke_lands_among_the_ones_and_a_cleared_canvas_encodes_nothing(page, trained) -> None:
    draw(page, (0.52, 0.2), (0.5, 0.5), (0.47, 0.8))
    assert "nearest test images have the label 1." in text(page, "drawing-text")
    image = shown(page, "card-image")
    rows, columns = np.nonzero(image > 0.2)
    assert rows.max() - rows.min() in (19, 20)  # scaled to 20 pixels
    mass = image.sum()
    assert (image.sum(1) @ (np.arange(28) + 0.5)) / mass == pytest.approx(14, abs=0.2)
    assert (image.sum(0) @ (np.arange(28) + 0.5)) / mass == pytest.approx(14, abs=0.2)
    assert columns.max() - columns.min() < 8
    assert page.evaluate("state.shown.place") == -1
    nearest = page.evaluate("nearestImages(16).map((place) => space.labels[place])")
    assert nearest.count(1) > 12
    before = z_of(page)
    page.click("#clear-drawing")
    settle(page)
    assert page.evaluate("state.shown") is None
    assert page.locator("#drawn").is_hidden()
    assert (z_of(page) == before).all()


def test_a_test_image_can_be_drawn_upon_and_rubbed_out(page, trained) -> None:
    run = trained.run.load()
    page.evaluate("showImage(3)")
    page.click("#copy-image")
    settle(page)
    assert page.evaluate("state.shown.place") == -1
    assert z_of(page) == pytest.approx(run.latents.test_z_mean[3], abs=0.02)
    before = shown(page, "card-image").sum()
    page.check("#rub")
    draw(page, (0.1, 0.5), (0.9, 0.5))
    assert shown(page, "card-image").sum() < before - 3


def test_sliders_and_walks_change_one_dimension(page) -> None:
    slider = page.locator("#sliders input").first
    slider.focus()
    before = z_of(page)
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    settle(page)
    change = z_of(page) - before
    assert sorted(np.abs(change)) == pytest.approx([0, 0.2], abs=1e-4)
    walk = page.locator("#walks canvas").nth(1)
    walk.scroll_into_view_if_needed()
    box = walk.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 5, box["y"] + 5)
    settle(page)
    assert 3.0 in z_of(page)


def test_samples_of_the_prior_and_of_the_code(page) -> None:
    page.click("#sample-prior")
    first = z_of(page)
    page.click("#sample-prior")
    assert not np.array_equal(first, z_of(page))
    assert page.locator("#sample-code").is_disabled()
    page.evaluate("showImage(5)")
    settle(page)
    drawn = []
    for _ in range(200):
        page.click("#sample-code") if not drawn else page.evaluate(
            "document.getElementById('sample-code').click()"
        )
        drawn.append(z_of(page))
    mean, log_var = (np.array(page.evaluate(f"Array.from(state.shown.{k})")) for k in KEYS)
    spread = np.exp(0.5 * log_var)
    assert (np.abs(np.mean(drawn, axis=0) - mean) < 4 * spread / np.sqrt(200)).all()
    assert np.std(drawn, axis=0) == pytest.approx(spread, rel=0.25)


KEYS = "mean", "logVar"


def test_the_way_between_two_pins(page) -> None:
    page.evaluate("set({ z: new Float32Array([1, 0]) })")
    page.click("#pin-a")
    page.evaluate("set({ z: new Float32Array([-1, 2]) })")
    page.click("#pin-b")
    settle(page)
    page.locator("#between").focus()
    page.keyboard.press("End")
    assert z_of(page) == pytest.approx([-1, 2])
    page.keyboard.press("Home")
    assert z_of(page) == pytest.approx([1, 0])
    page.locator("#between").fill("0.5")
    assert z_of(page) == pytest.approx([0, 1])
    assert page.evaluate("document.getElementById('between-strip').width") == 9 * 28


def test_neighbours_are_the_nearest_codes(page, trained) -> None:
    codes = trained.run.load().latents.test_z_mean
    z = np.array([0.3, -0.4])
    page.evaluate("set({ z: new Float32Array([0.3, -0.4]) })")
    settle(page)
    nearest = np.argsort(((codes - z) ** 2).sum(axis=1))[:16]
    links = [link.get_attribute("href") for link in page.locator("#neighbours a").all()]
    assert len(set(links) & {f"#i={place}" for place in nearest}) >= 15


def colour_at(page, place: int) -> list[int]:
    script = """(place) => {
      const canvas = document.getElementById("points");
      const at = [plane().points[2 * place], plane().points[2 * place + 1]];
      const [x, y] = toCanvas(at, canvas.width);
      const copy = new OffscreenCanvas(1, 1).getContext("2d");
      copy.drawImage(canvas, -Math.floor(x), -Math.floor(y));
      return Array.from(copy.getImageData(0, 0, 1, 1).data.slice(0, 3));
    }"""
    return page.evaluate(script, place)


def test_colours_by_label_by_nats_and_by_what_the_classifier_said(page, trained) -> None:
    run = trained.run.load()
    lonely = int(np.argmax(run.latents.test_z_mean[:, 0]))  # nothing lies on top of it
    colours = {}
    for choice in ("label", "nats", "predicted"):
        page.select_option("#colour-choice", choice)
        settle(page)
        wanted = page.evaluate("(place) => channels(pointColour(place))", lonely)
        assert colour_at(page, lonely) == pytest.approx(wanted, abs=3)
        colours[choice] = page.locator("#legend li").count()
    assert colours == {"label": 10, "nats": 1, "predicted": 10}


def test_decoded_images_appear_behind_the_points(page, trained) -> None:
    page.check("#backdrop-choice")
    wait_until(page, "document.getElementById('backdrop').width === 15 * 28")
    page.wait_for_timeout(500)
    tile = page.evaluate(
        """() => {
          const { data } = document.getElementById("backdrop").getContext("2d")
            .getImageData(2 * 28, 11 * 28, 28, 28);
          const z = toZ(fromCanvas([2.5 / 15, 11.5 / 15], 1), state.z);
          return [Array.from(z), Array.from({ length: 784 },
            (_, at) => (data[4 * at] - theme.paper[0]) / (theme.ink[0] - theme.paper[0]))];
        }"""
    )
    picture = decoded_by_torch(trained.run.vae, np.array(tile[0], np.float32))
    assert np.abs(np.array(tile[1]).reshape(28, 28) - picture).max() < LEVEL


@pytest.mark.parametrize(("at", "answers"), [(0, "predicted"), (1, "pixels_predicted")])
def test_a_cell_of_a_matrix_shows_its_images_and_points(page, trained, at, answers) -> None:
    run = trained.run.load()
    wrong = np.flatnonzero((run.labels == 4) & (getattr(run, answers) == 9))
    page.locator('td[data-actual="4"][data-predicted="9"] button').nth(at).click()
    settle(page)
    on = ["on z_mean", "on the raw pixels"][at]
    assert f"4 taken for 9 {on}: {len(wrong)} of" in text(page, "cell-text")
    own = page.locator("#confusion > div", has=page.locator("#cell"))
    assert own.get_by_role("heading", level=3).inner_text().lower() == on
    links = [link.get_attribute("href") for link in page.locator("#cell-images a").all()]
    assert links == [f"#i={place}" for place in wrong[:60]]
    assert page.evaluate("[...state.focus]") == wrong.tolist()
    page.locator("#cell-images a").first.click()
    settle(page)
    assert page.evaluate("state.shown.place") == wrong[0]
    page.click("#clear-cell")
    settle(page)
    assert page.evaluate("state.focus") is None
    assert page.locator("#cell").is_hidden()
    assert page.evaluate("document.activeElement.parentElement.dataset.predicted") == "9"


def test_a_link_restores_what_its_sender_saw(page, visit, trained) -> None:
    page.evaluate("set({ z: new Float32Array([0.5, -1.25]) })")
    wait_until(page, "location.hash === '#z=0.5,-1.25'")
    again = visit(trained.path, "#z=0.5,-1.25")
    assert z_of(again) == pytest.approx([0.5, -1.25])
    page.evaluate("showImage(12)")
    page.select_option("#colour-choice", "nats")
    wait_until(page, "location.hash === '#i=12&c=nats'")
    again = visit(trained.path, "#i=12&c=nats")
    assert again.evaluate("[state.shown.place, state.colour]") == [12, "nats"]
    assert (z_of(again) == z_of(page)).all()
    again.evaluate("location.hash = '#i=7'")
    wait_until(again, "state.shown.place === 7")


@pytest.mark.parametrize(
    "fragment", ["#i=99999", "#z=1,2,3", "#z=a,b", "#z=", "#i=-1", "#z=1e39,0"]
)
def test_a_link_to_nowhere_says_so(visit, trained, fragment) -> None:
    page = visit(trained.path, fragment)
    assert "is not one of this page's" in text(page, "problem")
    assert (z_of(page) == 0).all()


@pytest.mark.parametrize("plane", ["length", "__proto__", "0.0", "9"])
def test_a_link_to_no_plane_shows_the_usual_one(visit, trained, plane) -> None:
    page = visit(trained.path, f"#p={plane}&c=__proto__&z=0.5,0.5")
    wait_until(page, "state.z[0] === 0.5")
    assert page.evaluate("state.plane === space.planes.length - 1 && state.colour === 'label'")
    assert text(page, "problem") == ""
