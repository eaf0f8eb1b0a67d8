"""What the page shows of a run, read from its files and found to belong together."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mnist_vae import random_streams
from mnist_vae.errors import DataError
from mnist_vae.files import provenance
from mnist_vae.files.checks import REMAKE, expect_params
from mnist_vae.files.dataset import Dataset, load_dataset
from mnist_vae.files.images import load_images
from mnist_vae.files.kl import load_kl
from mnist_vae.files.latents import Latents, load_latents
from mnist_vae.files.metrics import load_metrics
from mnist_vae.files.nats import load_nats
from mnist_vae.files.predictions import load_predictions
from mnist_vae.files.tables import load_csv
from mnist_vae.model.inference import encode
from mnist_vae.model.vae import VAE
from mnist_vae.params.dotted import flatten
from mnist_vae.params.schema import Params

CHECKED = 20  # images that are encoded again
SHOWN = "evaluate", "classify"  # what a page shows beside the model's parameters
TOLERANCE = 0.01  # of z_mean; a GPU rounds differently from a CPU


class Run(NamedTuple):
    """Arrays have a row for each of the N test images; `nats` is the negative ELBO's."""

    params: dict[str, Any]
    dataset: Dataset
    metrics: dict[str, Any]
    diagnostics: dict[str, Any]
    model_md5: str
    losses: dict[str, list[float]]
    kl: np.ndarray
    images: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    pixels_predicted: np.ndarray
    nats: np.ndarray
    latents: Latents


def load_run(
    files: dict[str, Path],
    metrics: Sequence[Path],
    diagnostics: Sequence[Path],
    vae: VAE,
    params: Params,
) -> Run:
    """`files` by what they hold: images, dataset, latents, model, nats, kl, losses, predictions
    (of the classifier of z_mean) and pixels_predictions.

    Raises DataError if one is not of this run, or lacks what it should hold; FileError.
    """
    images, latents = load_images(files["images"], params), load_latents(files["latents"], params)
    observed = vae.likelihood.observe(images.test_images, random_streams.test_pixels())
    expect_same_codes(vae, observed, latents, files["latents"])
    nats, labels = load_nats(files["nats"]), images.test_labels
    try:
        expect_params(nats.params, provenance.of_model(params))
    except DataError as error:
        raise DataError(f"{files['nats']}: {error}") from None
    for path, own in ((files["latents"], latents.test_labels), (files["nats"], nats.test_labels)):
        if not np.array_equal(own, labels):
            raise DataError(f"{path}: is not of these test images; {REMAKE}")
    dataset = load_dataset(files["dataset"])
    return Run(
        params=shown_params(params),
        dataset=dataset,
        metrics=load_metrics(metrics),
        diagnostics=load_metrics(diagnostics),
        model_md5=hashlib.md5(files["model"].read_bytes()).hexdigest(),
        losses=load_csv(files["losses"]),
        kl=load_kl(files["kl"], params.latent_dim),
        images=observed,
        labels=labels,
        predicted=load_predictions(files["predictions"], labels, dataset.class_names),
        pixels_predicted=load_predictions(files["pixels_predictions"], labels, dataset.class_names),
        nats=nats.test_neg_elbo_nats,
        latents=latents,
    )


def expect_same_codes(vae: VAE, observed: np.ndarray, latents: Latents, path: Path) -> None:
    """Raises DataError if the model encodes the first images to something else: two runs with the
    same parameters may differ in their code."""
    z_mean, _ = encode(vae, observed[:CHECKED])
    there = latents.test_z_mean[:CHECKED]
    if there.shape != z_mean.shape or not np.allclose(there, z_mean, TOLERANCE, TOLERANCE):
        raise DataError(f"{path}: is not what the model encodes the images to; {REMAKE}")


def shown_params(params: Params) -> dict[str, Any]:
    more = params.model_dump(mode="json", include=set(SHOWN))
    return provenance.of_model(params) | flatten(more)
