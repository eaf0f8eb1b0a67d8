"""Fit LogisticRegression on the training images' features; score it on the test images.

reads   data/latents.npz (latent: z_mean) or data/images.npz (pixels: in [0, 1])
writes  metrics/classify_latent.json, plots/confusion_latent.csv, diagnostics/classify_latent.json
        or the same for pixels: metrics/classify_pixels.json, plots/confusion_pixels.csv,
        diagnostics/classify_pixels.json
"""

from pathlib import Path

from _stage import run

import numpy as np

from mnist_vae.analysis.probe import pixel_features, probe
from mnist_vae.choices import DATASETS, load_choice
from mnist_vae.files.images import load_images
from mnist_vae.files.latents import load_latents
from mnist_vae.files.metrics import save_metrics
from mnist_vae.files.tables import save_csv
from mnist_vae.params import load_params

LATENTS = Path("data/latents.npz")
IMAGES = Path("data/images.npz")
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
    result = probe(train, data.train_labels, test, data.test_labels, params.classify)
    save_metrics(METRICS[features], {features: result.metrics})
    save_metrics(DIAGNOSTICS[features], {features: result.diagnostics})
    names = load_choice(DATASETS, params.dataset).CLASS_NAMES
    pairs = zip(data.test_labels, result.predicted, strict=True)
    rows = [(names[actual], names[predicted]) for actual, predicted in pairs]
    save_csv(CONFUSION[features], ("actual", "predicted"), rows)
    accuracy = f"{result.accuracy:.4f} +- {result.accuracy_stderr:.4f}"
    print(f"{features}: accuracy {accuracy} after {result.n_iter} iterations")


if __name__ == "__main__":
    run(main, features=("latent", "pixels"))
