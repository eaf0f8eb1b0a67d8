"""Draw the z_mean of test images, coloured by digit.

reads   data/latents.npz
writes  plots/latent.png, plots/latent.csv
"""

from pathlib import Path

from _stage import run

from mnist_vae.artifacts import load_latents, save_csv, save_figure
from mnist_vae.figures import Run, latent_figure
from mnist_vae.latents import active_units, plane
from mnist_vae.params import load_params

LATENTS = Path("data/latents.npz")
LATENT_PNG = Path("plots/latent.png")
LATENT_CSV = Path("plots/latent.csv")


def main() -> None:
    params = load_params()
    latents = load_latents(LATENTS, params)
    shown = slice(params.plot_latent.points)
    z_mean, labels = latents.test_z_mean[shown], latents.test_labels[shown]
    projected = plane(latents.train_z_mean, z_mean, labels, params.train.threads)
    units = active_units(latents.test_z_mean)
    figure = latent_figure(
        projected, labels, units, Run(latents.params["dataset"], z_mean.shape[1])
    )
    save_figure(LATENT_PNG, figure)
    points = zip(*projected.points.T, labels, strict=True)
    rows = ((f"{x:.5f}", f"{y:.5f}", digit) for x, y, digit in points)
    save_csv(LATENT_CSV, ("x", "y", "digit"), rows)


if __name__ == "__main__":
    run(main)
