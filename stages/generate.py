"""Decode the manifold, walks along single dimensions, samples from the prior, and test images.

reads   data/images.npz, data/dataset.json, data/latents.npz, models/vae.pt, plots/kl.csv
writes  plots/manifold.png, plots/traversals.png, plots/samples.png, plots/reconstructions.png
"""

from pathlib import Path

from _stage import run

import numpy as np

from mnist_vae import random_streams
from mnist_vae.analysis.latents import by_kl, class_means, first_of_each_class, some_classes
from mnist_vae.analysis.manifold import make_grid, share_inside, steps, walk
from mnist_vae.figures import tiles
from mnist_vae.figures.style import RunLabel
from mnist_vae.files.dataset import load_dataset
from mnist_vae.files.images import load_images
from mnist_vae.files.kl import load_kl
from mnist_vae.files.latents import Latents, load_latents
from mnist_vae.files.png import save_figure
from mnist_vae.machine.device import prepare
from mnist_vae.model.inference import decode
from mnist_vae.model.vae import VAE, load_vae
from mnist_vae.params.loading import load_params

IMAGES = Path("data/images.npz")
DATASET = Path("data/dataset.json")
LATENTS = Path("data/latents.npz")
MODEL = Path("models/vae.pt")
KL = Path("plots/kl.csv")
MANIFOLD = Path("plots/manifold.png")
TRAVERSALS = Path("plots/traversals.png")
SAMPLES = Path("plots/samples.png")
RECONSTRUCTIONS = Path("plots/reconstructions.png")
WALKED_CLASSES = 26  # rows of the manifold of more than two dimensions, at most


def main() -> None:
    params = load_params()
    device = prepare(params.machine)
    images = load_images(IMAGES, params)
    vae = load_vae(MODEL, params).to(device)
    latents = load_latents(LATENTS, params)
    run_label = RunLabel.of(params, load_dataset(DATASET))
    kl = load_kl(KL, params.latent_dim)
    axis = steps(params.generate.z_max, params.generate.grid)
    save_manifold(vae, latents, kl, axis, params.generate.z_max, run_label)
    dims = by_kl(kl, 10)
    walks = walk(vae, np.repeat(latents.test_z_mean[:1], len(dims), axis=0), dims, axis)
    save_figure(TRAVERSALS, tiles.traversals_figure(walks, kl, run_label))
    rng = random_streams.prior_samples(params.seed)
    samples = decode(vae, rng.standard_normal((8, 16, vae.latent_dim)))
    save_figure(SAMPLES, tiles.samples_figure(samples, run_label))
    classes = some_classes(len(run_label.class_names), at_most=10)
    first = first_of_each_class(latents.test_labels, classes)
    seen = vae.likelihood.observe(images.test_images, random_streams.test_pixels())[first] / 255
    decoded = decode(vae, latents.test_z_mean[first])
    save_figure(RECONSTRUCTIONS, tiles.reconstructions_figure(seen, decoded, run_label))
    print(f"{MANIFOLD}, {TRAVERSALS}, {SAMPLES}, {RECONSTRUCTIONS}")


def save_manifold(
    vae: VAE, latents: Latents, kl: np.ndarray, axis: np.ndarray, z_max: float, run_label: RunLabel
) -> None:
    """A plane shows all of one or two dimensions. Of more, one is walked from each class's mean:
    decoded from a plane through 0, they give hybrids of several classes."""
    if vae.latent_dim <= 2:
        inside = share_inside(latents.test_z_mean, z_max)
        figure = tiles.manifold_figure(make_grid(vae, axis), inside, kl, run_label)
    else:
        dims = by_kl(kl, 1)
        inside = share_inside(latents.test_z_mean[:, dims], z_max)
        means = class_means(latents.train_z_mean, latents.train_labels)
        classes = some_classes(len(means), at_most=WALKED_CLASSES)
        walks = walk(vae, means[classes], dims * len(classes), axis)
        figure = tiles.class_walks_figure(walks, inside, kl, classes, run_label)
    save_figure(MANIFOLD, figure)


if __name__ == "__main__":
    run(main)
