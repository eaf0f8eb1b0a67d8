"""Fit LogisticRegression on the training images' features; score it on the test images.

reads   data/latents.npz (latent: z_mean) or data/images.npz (pixels: in [0, 1])
writes  metrics/classify_latent.json, plots/confusion_latent.csv
        or metrics/classify_pixels.json, plots/confusion_pixels.csv
"""

from pathlib import Path

from _stage import run

import numpy as np

from mnist_vae.artifacts import load_images, load_latents, save_csv, save_metrics
from mnist_vae.params import load_params
from mnist_vae.probe import pixel_features, probe

LATENTS = Path("data/latents.npz")
IMAGES = Path("data/images.npz")
METRICS = {n: Path(f"metrics/classify_{n}.json") for n in ("latent", "pixels")}
CONFUSION = {n: Path(f"plots/confusion_{n}.csv") for n in ("latent", "pixels")}


def main(features: str) -> None:
    params = load_params()
    if features == "latent":
        data = load_latents(LATENTS, params)
        train, test = (z.astype(np.float64) for z in (data.train_z_mean, data.test_z_mean))
    else:
        data = load_images(IMAGES, params)
        train, test = pixel_features(data.train_images), pixel_features(data.test_images)
    split = train, data.train_labels, test, data.test_labels
    result = probe(*split, params.classify, params.train.threads)
    save_metrics(METRICS[features], {features: result.metrics})
    rows = zip(data.test_labels, result.predicted, strict=True)
    save_csv(CONFUSION[features], ("actual", "predicted"), rows)
    print(f"{features}: accuracy {result.accuracy:.4f} after {result.n_iter} iterations")


if __name__ == "__main__":
    run(main, features=("latent", "pixels"))
