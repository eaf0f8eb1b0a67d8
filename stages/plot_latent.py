"""Draw the z_mean of test images, coloured by class, and the KL of each dimension.

reads   data/latents.npz, plots/kl.csv, data/dataset.json
writes  plots/latent.png, plots/latent.csv, plots/kl.png
"""

from pathlib import Path

from _stage import run

from mnist_vae import random_streams
from mnist_vae.analysis.latents import ACTIVE_RULE, is_active
from mnist_vae.analysis.planes import planes
from mnist_vae.figures.curves import kl_figure
from mnist_vae.figures.scatter import latent_figure
from mnist_vae.figures.style import RunLabel
from mnist_vae.files.dataset import load_dataset
from mnist_vae.files.kl import load_kl
from mnist_vae.files.latents import load_latents
from mnist_vae.files.png import save_figure
from mnist_vae.files.tables import save_csv
from mnist_vae.params.loading import load_params

DATASET = Path("data/dataset.json")
LATENTS = Path("data/latents.npz")
KL = Path("plots/kl.csv")
LATENT_PNG = Path("plots/latent.png")
LATENT_CSV = Path("plots/latent.csv")
KL_PNG = Path("plots/kl.png")


def main() -> None:
    params = load_params()
    latents = load_latents(LATENTS, params)
    dataset = load_dataset(DATASET)
    run_label = RunLabel.of(params, dataset)
    # The images may be sorted by class.
    shuffled = random_streams.scatter_points().permutation(len(latents.test_labels))
    shown = shuffled[: params.plot_latent.points]
    z_mean, labels = latents.test_z_mean[shown], latents.test_labels[shown]
    found = planes(latents.train_z_mean, latents.train_labels, z_mean, labels)
    active = is_active(latents.test_z_mean)
    save_figure(LATENT_PNG, latent_figure(found, labels, active.sum(), run_label))
    points = zip(*found[-1].points.T, labels, strict=True)
    rows = ((f"{x:.5f}", f"{y:.5f}", dataset.class_names[k]) for x, y, k in points)
    save_csv(LATENT_CSV, ("x", "y", "class"), rows)
    kl = load_kl(KL, params.latent_dim)
    save_figure(KL_PNG, kl_figure(kl, active, ACTIVE_RULE, run_label))
    print(f"{LATENT_PNG}, {KL_PNG}, {LATENT_CSV}")


if __name__ == "__main__":
    run(main)
