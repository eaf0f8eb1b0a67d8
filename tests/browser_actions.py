"""What a reader does, and what the page then shows."""

from importlib.resources import files

import numpy as np
import torch
from playwright.sync_api import Page

from mnist_vae.model.inference import decode
from mnist_vae.model.vae import VAE

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
# Read from a copy: Chromium logs advice about a page's own canvas that is read often.
READ = """(id) => {
  const canvas = document.getElementById(id);
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const [ink, paper] = run.ink ? [theme.ink[0], theme.paper[0]] : [255, 0];
  const values = data.filter((_, at) => at % 4 < run.shape[0]);
  return Array.from(values, (value) => (value - paper) / (ink - paper));
}"""


def settle(page: Page) -> None:
    """Until what was changed has been drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def wait_until(page: Page, condition: str) -> None:
    """Playwright's own waiting needs eval, which the page's policy forbids."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(25)
    raise AssertionError(condition)


def shown(page: Page, canvas: str) -> np.ndarray:
    """The levels of a canvas with one image, ink being 1: (H, W) or (H, W, 3)."""
    channels, height, width = page.evaluate("run.shape")
    levels = np.array(page.evaluate(READ, canvas)).reshape(height, width, channels)
    return levels if channels > 1 else levels[..., 0]


def decoded_in_page(page: Page) -> np.ndarray:
    """What the page computes of its z, in the order of Python's images."""
    channels, height, width = page.evaluate("run.shape")
    values = np.array(page.evaluate("Array.from(decode(state.z))"))
    images = np.moveaxis(values.reshape(channels, height, width), 0, -1)
    return images if channels > 1 else images[..., 0]


def z_of(page: Page) -> np.ndarray:
    return np.array(page.evaluate("Array.from(state.z)"), dtype=np.float32)


def decoded_by_torch(vae: VAE, z: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return decode(vae.eval(), z[None])[0]


def text(page: Page, element: str) -> str:
    settle(page)
    return page.locator(f"#{element}").inner_text()


def point(page: Page, place: int) -> tuple[float, float]:
    """Where on the screen a test image's point is."""
    page.locator("#plane").scroll_into_view_if_needed()
    x, y = page.evaluate(
        """(place) => {
          const box = document.getElementById("plane").getBoundingClientRect();
          const size = document.getElementById("plane").clientWidth;
          const at = [plane().points[2 * place], plane().points[2 * place + 1]];
          const [x, y] = toCanvas(at, size);
          return [box.left + 1 + x, box.top + 1 + y];
        }""",
        place,
    )
    return x, y


def centre_of(page: Page, element: str) -> tuple[float, float]:
    page.locator(f"#{element}").scroll_into_view_if_needed()
    box = page.locator(f"#{element}").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def draw(page: Page, *places: tuple[float, float]) -> None:
    """A stroke through places on the drawing canvas, as shares of its side."""
    page.locator("#drawing").scroll_into_view_if_needed()
    box = page.locator("#drawing").bounding_box()
    assert box
    for number, (x, y) in enumerate(places):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if number == 0:
            page.mouse.down()
    page.mouse.up()
    settle(page)


def violations(page: Page) -> list[str]:
    """What axe-core finds; the debugger, through which it comes, is above the page's policy."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]
