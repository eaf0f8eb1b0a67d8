"""Fit LogisticRegression on the training images' features; score it on the test images.

reads   data/latents.npz (latent: z_mean) or data/images.npz (pixels: in [0, 1]);
        data/dataset.json
writes  metrics/classify_latent.json, plots/confusion_latent.csv, diagnostics/classify_latent.json
        or the same for pixels: metrics/classify_pixels.json, plots/confusion_pixels.csv,
        diagnostics/classify_pixels.json
"""

from pathlib import Path

from _stage import run

import numpy as np

from mnist_vae.analysis.probe import pixel_features, probe, warn_of_time
from mnist_vae.files.dataset import load_dataset
from mnist_vae.files.images import load_images
from mnist_vae.files.latents import load_latents
from mnist_vae.files.metrics import save_metrics
from mnist_vae.files.predictions import save_predictions
from mnist_vae.params.loading import load_params

# For the pixels, 1e-6 would take three times as long and move 3 of 10,000 test images.
TOLERANCE = {"latent": 1e-6, "pixels": 1e-4}
LATENTS = Path("data/latents.npz")
IMAGES = Path("data/images.npz")
DATASET = Path("data/dataset.json")
METRICS = {n: Path(f"metrics/classify_{n}.json") for n in ("latent", "pixels")}
DIAGNOSTICS = {n: Path(f"diagnostics/classify_{n}.json") for n in ("latent", "pixels")}
CONFUSION = {n: Path(f"plots/confusion_{n}.csv") for n in ("latent", "pixels")}


def main(features: str) -> None:
    params = load_params()
    if features == "latent":
        data = load_latents(LATENTS, params)
        train, test = (z.astype(np.float64) for z in (data.train_z_mean, data.test_z_mean))
    else:
        data = load_images(IMAGES, params)
        train, test = pixel_features(data.train_images), pixel_features(data.test_images)
    sides = train, data.train_labels, test, data.test_labels
    if warning := warn_of_time(train, data.train_labels):
        print(f"{features}: {warning}", flush=True)
    result = probe(*sides, params.classify, TOLERANCE[features])
    save_metrics(METRICS[features], {features: {"accuracy": result.accuracy}})
    save_metrics(DIAGNOSTICS[features], {features: result.diagnostics})
    names = load_dataset(DATASET).class_names
    save_predictions(CONFUSION[features], data.test_labels, result.predicted, names)
    print(f"{features}: {result}")


if __name__ == "__main__":
    run(main, features=("latent", "pixels"))
