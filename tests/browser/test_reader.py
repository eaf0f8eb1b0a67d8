"""Whoever reads: with the keyboard or a finger, on a phone, in the dark, without JavaScript."""

import numpy as np
import pytest
from browser_actions import centre_of, decoded_by_torch, settle, shown, text, violations, z_of

pytestmark = pytest.mark.slow
SIZES = {"phone": (360, 740), "tablet": (820, 1180), "desktop": (1440, 900)}
DARK = [("light", 255), ("dark", 20)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen_or_fails_axe(visit, trained, size, scheme) -> None:
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    page = visit(trained.path, "#i=3", viewport=viewport, color_scheme=scheme)
    page.locator("#confusion button").nth(3).click()
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.getElementById('plane').clientWidth") <= width
    for box in page.locator(".scroll:has(.matrix)").all():
        assert box.evaluate("(own) => own.scrollWidth <= own.clientWidth")
    assert violations(page) == []


@pytest.mark.parametrize(("scheme", "level"), DARK)
def test_paper_and_ink_follow_the_system(visit, trained, scheme, level) -> None:
    page = visit(trained.path, color_scheme=scheme)
    assert page.evaluate("theme.paper[0]") == level
    picture = decoded_by_torch(trained.run.vae, z_of(page))
    assert np.abs(shown(page, "decoded") - picture).max() < 0.01
    page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
    settle(page)
    assert page.evaluate("theme.paper[0]") != level
    assert np.abs(shown(page, "decoded") - picture).max() < 0.01


def test_the_keyboard_alone_moves_z_and_opens_images(visit, trained) -> None:
    page = visit(trained.path)
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "plane":
            break
    assert page.evaluate("document.activeElement.id") == "plane"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    settle(page)
    z = z_of(page)
    assert z[1] == pytest.approx(5 * z[0], rel=1e-3)
    assert (z > 0).all()
    page.keyboard.press("Enter")
    settle(page)
    assert page.evaluate("state.shown.place") >= 0
    assert "Test image" in text(page, "card-text")


def test_a_finger_drags_and_draws_without_scrolling_the_page(visit, trained) -> None:
    viewport = {"width": 390, "height": 800}
    page = visit(trained.path, viewport=viewport, has_touch=True, is_mobile=True)
    client = page.context.new_cdp_session(page)

    def swipe(x: float, y: float, dx: float, dy: float) -> None:
        send = "Input.dispatchTouchEvent"
        client.send(send, {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for step in range(1, 6):
            at = {"x": x + dx * step / 5, "y": y + dy * step / 5}
            client.send(send, {"type": "touchMove", "touchPoints": [at]})
        client.send(send, {"type": "touchEnd", "touchPoints": []})
        settle(page)

    x, y = centre_of(page, "plane")
    top = page.evaluate("scrollY")
    swipe(x, y, 60, -80)
    assert (z_of(page) > 0).all()
    assert page.evaluate("scrollY") == top
    x, y = centre_of(page, "drawing")
    top = page.evaluate("scrollY")
    swipe(x, y - 80, 0, 160)
    assert page.evaluate("scrollY") == top
    assert "nearest test images have the label 1." in text(page, "drawing-text")


def test_without_javascript_the_record_reads(visit, trained) -> None:
    page = visit(trained.path, java_script_enabled=False, viewport={"width": 390, "height": 800})
    said = page.locator("body").inner_text()
    assert "JavaScript is off" in said
    for part in ("The hardest images", "Training", "Metrics", "Parameters", "learning_rate"):
        assert part in said
    run = trained.run.load()
    assert run.model_md5 in said
    assert "Draw" not in said
    assert "Compare" not in said
    losses = page.locator("noscript table").last.inner_text().split()
    assert f"{run.losses['validation_kl_nats'][-1]:.4f}" == losses[-1]
    assert page.locator(".cards img").count() == 48
    assert page.locator("#samples ~ ul img").count() == 64
    diagonal = page.locator('td[data-actual="0"][data-predicted="0"]')
    for at, predicted in enumerate((run.predicted, run.pixels_predicted)):
        assert int(diagonal.nth(at).inner_text()) == ((run.labels == 0) & (predicted == 0)).sum()


@pytest.mark.parametrize("width", [360, 820, 1280])
def test_what_comes_and_goes_does_not_move_what_is_below(visit, trained, width) -> None:
    page = visit(trained.path, viewport={"width": width, "height": 800})
    tops = (
        "['draw', 'drawing', 'sliders', 'errors'].map("
        "(id) => document.getElementById(id).getBoundingClientRect().top + scrollY)"
    )
    empty = page.evaluate(tops)
    for place in range(0, 40, 7):
        page.evaluate(f"showImage({place})")
        settle(page)
        assert page.evaluate(tops) == empty
    for button in ("pin-a", "pin-b", "copy-image"):
        page.click(f"#{button}")
        settle(page)
        *others, below = page.evaluate(tops)
        assert others == pytest.approx(empty[:-1], abs=1), button
    page.click("#copy-image")  # the first drawing made room for what it gives
    settle(page)
    assert page.evaluate(tops)[-1] == pytest.approx(below, abs=1)
