"""Decode a grid of the latent space, samples of the prior, and test images.

reads   data/images.npz, data/latents.npz, models/vae.pt
writes  plots/manifold.png, plots/samples.png, plots/reconstructions.png
"""

from pathlib import Path

from _stage import run

import numpy as np

from mnist_vae.artifacts import load_images, load_latents, load_model, save_figure
from mnist_vae.device import prepare
from mnist_vae.figures import Run, manifold_figure, reconstructions_figure, samples_figure
from mnist_vae.inference import decode, mean_kl_per_dim
from mnist_vae.latents import first_of_each_digit
from mnist_vae.manifold import make_manifold
from mnist_vae.params import load_params
from mnist_vae.vae import restore_vae

IMAGES = Path("data/images.npz")
LATENTS = Path("data/latents.npz")
MODEL = Path("models/vae.pt")
MANIFOLD = Path("plots/manifold.png")
SAMPLES = Path("plots/samples.png")
RECONSTRUCTIONS = Path("plots/reconstructions.png")


def main() -> None:
    params = load_params()
    device = prepare(params.train)
    vae = restore_vae(params, load_model(MODEL, params)).to(device)
    latents = load_latents(LATENTS, params)
    shown = Run(latents.params["dataset"], vae.latent_dim)
    kl = mean_kl_per_dim(latents.train_z_mean, latents.train_z_log_var)
    manifold = make_manifold(vae, kl, params.generate.grid)
    save_figure(MANIFOLD, manifold_figure(manifold, shown))
    rng = np.random.default_rng([params.seed, 0, 2])  # training draws from (seed, epoch)
    samples = decode(vae, rng.standard_normal((8, 16, vae.latent_dim)))
    save_figure(SAMPLES, samples_figure(samples, shown))
    first = first_of_each_digit(latents.test_labels)
    images = load_images(IMAGES, params).test_images[first] / 255
    decoded = decode(vae, latents.test_z_mean[first])
    save_figure(RECONSTRUCTIONS, reconstructions_figure(images, decoded, shown))


if __name__ == "__main__":
    run(main)
