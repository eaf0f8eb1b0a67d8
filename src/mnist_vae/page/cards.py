"""Images that the page shows from the start: some test images beside what they decode to, and
samples."""

from html import escape

import numpy as np

from mnist_vae import random_streams
from mnist_vae.files.png import data_url, encode_png
from mnist_vae.model.inference import decode
from mnist_vae.model.vae import VAE
from mnist_vae.page.loaded_run import Run
from mnist_vae.page.proportions import proportions

TYPICAL, HARDEST = 8, 16
SAMPLES = 4, 16  # of the rows and columns in plots/samples.png
SIDE, SMALL_SIDE = 56, 44  # pixels of the screen, if the images are square


def typical_of(run: Run, shown: np.ndarray) -> np.ndarray:
    """Of the test images `shown`, those with nats around the median."""
    first = max(0, (len(shown) - TYPICAL) // 2)
    return by_nats(run, shown)[first : first + TYPICAL]


def hardest_of(run: Run, shown: np.ndarray) -> np.ndarray:
    """Of the test images `shown`, those with the largest nats, the largest first."""
    return by_nats(run, shown)[:HARDEST]


def by_nats(run: Run, shown: np.ndarray) -> np.ndarray:
    return shown[np.argsort(-run.nats[shown], kind="stable")]


def cards(run: Run, vae: VAE, chosen: np.ndarray, linked: bool) -> str:
    """An item for each of the test images `chosen`, beside what its z_mean decodes to."""
    items, names = [], run.dataset.class_names
    decoded = as_bytes(decode(vae, run.latents.test_z_mean[chosen]))
    for index, pixels in zip(chosen.tolist(), decoded, strict=True):
        name, taken = (names[int(of[index])] for of in (run.labels, run.predicted))
        said = "recognised" if name == taken else f"taken for {taken}"
        pictures = picture(run, run.images[index], "image", SIDE)
        pictures += picture(run, pixels, "reconstruction", SIDE)
        caption = f"<b>{escape(name)}</b>, {run.nats[index]:.1f} nats, {escape(said)}"
        opening, closing = (f'<a href="#i={index}">', "</a>") if linked else ("<div>", "</div>")
        items.append(f"<li>{opening}{pictures}<span>{caption}</span>{closing}</li>")
    return "".join(items)


def samples(run: Run, vae: VAE) -> str:
    """An item for each of the first rows of plots/samples.png."""
    rng, (rows, columns) = random_streams.prior_samples(run.params["seed"]), SAMPLES
    decoded = as_bytes(decode(vae, rng.standard_normal((rows * columns, vae.latent_dim))))
    return "".join(f"<li>{picture(run, pixels, '', SMALL_SIDE)}</li>" for pixels in decoded)


def as_bytes(x_mean: np.ndarray) -> np.ndarray:
    return np.rint(255 * x_mean).astype(np.uint8)


def picture(run: Run, pixels: np.ndarray, alt: str, side: int) -> str:
    """`pixels` (H, W[, 3]) in the place of a square of `side`."""
    wide, tall = (round(side * sides) for sides in proportions(*pixels.shape[:2]))
    look = ' class="ink"' if run.dataset.background else ""
    source = data_url(encode_png(pixels))
    return f'<img{look} width="{wide}" height="{tall}" alt="{alt}" src="{source}">'
