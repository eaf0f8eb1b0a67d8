"""Each network and likelihood, other images, and any number of dimensions."""

import numpy as np
import pytest
from browser_actions import (
    centre_of,
    decoded_by_torch,
    decoded_in_page,
    draw,
    settle,
    shown,
    text,
    z_of,
)

pytestmark = pytest.mark.slow
RUNS = {
    "one dimension": {"latent_dim": 1},
    "16 dimensions": {"latent_dim": 16},
    "more than there are sliders": {"latent_dim": 70},
    "residual": {"model__network": "residual", "latent_dim": 5},
    "conv": {"model__network": "conv"},
    "binarised": {"model__likelihood": "binarised"},
    "continuous Bernoulli": {"model__likelihood": "continuous_bernoulli"},
    "clothes": {"dataset": "fashion_mnist", "latent_dim": 4},
    "filled": {"said": {"filled": True}},
    "coloured": {"drawn": "shapes", "latent_dim": 3},
    "coloured, conv": {"drawn": "shapes", "model__network": "conv"},
    "narrow, conv": {"drawn": "bars", "model__network": "conv"},
    "letters": {"drawn": "letters", "latent_dim": 5},
    "collapsed": {"objective__beta": 1000.0, "latent_dim": 3, "epochs": 3},
}


@pytest.mark.parametrize("name", RUNS)
def test_z_moves_and_images_are_encoded_as_torch_does(visit, written, name) -> None:
    made = written(**RUNS[name])
    run, vae = made.run.load(), made.run.vae
    page = visit(made.path)
    x, y = centre_of(page, "plane")
    before = z_of(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=3)
    page.mouse.up()
    settle(page)
    assert not np.array_equal(before, z_of(page))
    assert np.abs(shown(page, "decoded") - decoded_by_torch(vae, z_of(page))).max() < 0.01
    assert np.abs(decoded_in_page(page) - decoded_by_torch(vae, z_of(page))).max() < 1e-5
    for place in (0, 5):
        page.evaluate(f"showImage({place})")
        assert z_of(page) == pytest.approx(run.latents.test_z_mean[place], abs=1e-5)
    nats = page.evaluate("estimateNats(state.shown.pixels, state.shown)")
    assert nats == pytest.approx(run.nats[5], rel=0.1)
    assert page.locator("#sliders input").count() == min(64, made.run.params.latent_dim)
    assert page.locator("#walks canvas").count() == min(8, made.run.params.latent_dim)


@pytest.mark.parametrize("name", ["filled", "binarised"])
def test_what_is_drawn_becomes_what_the_network_was_trained_on(visit, written, name) -> None:
    page = visit(written(**RUNS[name]).path)
    draw(page, (0.1, 0.1), (0.3, 0.1))
    image = shown(page, "card-image")
    if name == "filled":  # neither moved nor scaled
        assert image[:5, :10].sum() == pytest.approx(image.sum())
        assert "Taken as it is" in text(page, "drawing-text")
    else:
        assert set(np.unique(image.round(2))) == {0, 1}
        assert "in black and white" in text(page, "drawing-text")


@pytest.mark.parametrize("latent_dim", [3, 16])
def test_dragging_beyond_two_dimensions_stays_in_the_slice(visit, written, latent_dim) -> None:
    page = visit(written(latent_dim=latent_dim).path)
    assert "slice" in text(page, "plane-note")
    for choice in ("0", "1"):
        page.select_option("#plane-choice", choice)
        page.evaluate("set({ z: Float32Array.from({ length: latentDim }, (_, at) => at / 9) })")
        before = z_of(page)
        x, y = centre_of(page, "plane")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 30, y - 50, steps=2)
        page.mouse.up()
        settle(page)
        box = page.locator("#plane").bounding_box()
        assert box
        place = page.evaluate("(size) => toCanvas(toPlane(state.z), size)", box["width"] - 2)
        assert place == pytest.approx([x + 30 - box["x"] - 1, y - 50 - box["y"] - 1], abs=0.1)
        back = np.array(page.evaluate("Array.from(plane().back)")).reshape(latent_dim, 2)
        step = z_of(page) - before
        left_over = step - back @ np.linalg.lstsq(back, step, rcond=None)[0]
        assert np.abs(left_over).max() < 1e-4
