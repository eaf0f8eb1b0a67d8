"""Runs made without DVC: the files of all stages that the report reads, in one folder."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from default_run import params_with
from generated_images import DRAWN
from torch import nn

from mnist_vae import random_streams
from mnist_vae.analysis.probe import probe
from mnist_vae.files import provenance
from mnist_vae.files.dataset import save_dataset
from mnist_vae.files.images import Images, save_images
from mnist_vae.files.kl import save_kl
from mnist_vae.files.latents import save_latents
from mnist_vae.files.metrics import save_metrics
from mnist_vae.files.nats import save_nats
from mnist_vae.files.predictions import save_predictions
from mnist_vae.files.tables import save_csv
from mnist_vae.files.weights import save_weights
from mnist_vae.model.elbo import elbo_terms
from mnist_vae.model.inference import encode
from mnist_vae.model.vae import VAE, build_vae
from mnist_vae.page.build import build_page
from mnist_vae.page.loaded_run import Run, load_run
from mnist_vae.params.datasets import Description
from mnist_vae.params.loading import load_description
from mnist_vae.params.schema import Params
from mnist_vae.readers.bundled import mnist_5k
from mnist_vae.readers.sources import described
from mnist_vae.training.fit import Epoch, fit

NAMES = {
    "images": "images.npz",
    "dataset": "dataset.json",
    "latents": "latents.npz",
    "nats": "test_nats.npz",
    "model": "vae.pt",
    "kl": "kl.csv",
    "losses": "loss.csv",
    "predictions": "confusion_latent.csv",
    "pixels_predictions": "confusion_pixels.csv",
}


class SmallRun(NamedTuple):
    """Trained for a moment on the embedded digits, or on images drawn for it, under whatever name
    of a data set."""

    folder: Path
    params: Params
    vae: VAE

    @property
    def files(self) -> dict[str, Path]:
        return {kind: self.folder / name for kind, name in NAMES.items()}

    def load(self) -> Run:
        metrics, diagnostics = self.folder / "metrics.json", self.folder / "diagnostics.json"
        return load_run(self.files, [metrics], [diagnostics], self.vae, self.params)

    def page(self, images: int = 10_000) -> bytes:
        return build_page(self.load(), self.vae, images)[0]

    def with_layer(self, layer: nn.Module) -> "SmallRun":
        """The same run with one more layer at the end of its decoder."""
        decoder = nn.Sequential(self.vae.decoder, layer)
        model = self.params.model
        of_images = self.vae.latent_dim, self.vae.shape
        vae = VAE(self.vae.encoder, decoder, *of_images, model.network, model.likelihood)
        return self._replace(vae=vae)


@cache
def digits() -> tuple[np.ndarray, ...]:
    return mnist_5k()


def split_of(drawn: str, train: int, test: int) -> list[np.ndarray]:
    """So many images and labels, of the embedded digits or of those that generated_images.py
    draws."""
    if drawn != "embedded":
        images, labels = DRAWN[drawn](train + test)
        labels = labels.astype(np.uint8)
        return [images[:train], labels[:train], images[train:], labels[train:]]
    chosen = np.random.default_rng(0).permutation(len(digits()[1]))[:train]
    shown = np.random.default_rng(0).permutation(len(digits()[3]))[:test]
    return [array[chosen] for array in digits()[:2]] + [array[shown] for array in digits()[2:]]


def make_run(
    folder: Path,
    epochs: int = 1,
    train: int = 500,
    test: int = 200,
    drawn: str = "embedded",
    said: dict[str, Any] | None = None,
    **changes: Any,
) -> SmallRun:
    """A run of `params_with(**changes)` on so many images; `said` is what its dataset.json says
    otherwise than the images do."""
    params = params_with(train__epochs=epochs, train__batch_size=50, **changes)
    images = Images(provenance.of_images(params), *split_of(drawn, train, test))
    shape = images.sizes.shape
    run = SmallRun(folder, params, build_vae(params.model, params.latent_dim, params.seed, shape))
    name, stated = drawn, Description()
    if drawn == "embedded":
        name, stated = params.dataset, load_description(params.dataset)
    names = stated.class_names or [str(n) for n in range(images.test_labels.max() + 1)]
    dataset = described(name, stated, names, images.train_images)._replace(**said or {})
    save_dataset(run.files["dataset"], dataset)
    validation = images.train_images[:100]
    history = fit(run.vae, images.train_images, validation, params.train, params.seed)
    write_files(run, images, list(history), dataset.class_names)
    return run


def write_files(run: SmallRun, images: Images, history: list[Epoch], names: Sequence[str]) -> None:
    vae, files = run.vae.eval(), run.files
    train = vae.likelihood.observe(images.train_images, random_streams.encoded_pixels())
    test = vae.likelihood.observe(images.test_images, random_streams.test_pixels())
    codes = *encode(vae, train), images.train_labels, *encode(vae, test), images.test_labels
    terms = elbo_terms(vae, test, random_streams.test_eps(0), samples=10)
    nats = terms.neg_elbo_nats, terms.recon_nats, terms.kl_nats
    probed = probe(
        codes[0].astype(float), codes[2], codes[3].astype(float), codes[5],
        run.params.classify,
    )  # fmt: skip
    save_images(files["images"], run.params, images[1:])
    brightness = images.train_images.mean() / 255
    save_weights(files["model"], run.params, vae.shape, float(brightness), vae.state_dict())
    save_latents(files["latents"], run.params, codes)
    save_nats(files["nats"], run.params, (*nats, nats[0][:0], images.test_labels))
    save_kl(files["kl"], terms.kl_nats_per_dim.mean(axis=0, dtype=np.float64))
    save_predictions(files["predictions"], images.test_labels, probed.predicted, names)
    guessed = np.roll(images.test_labels, 1)  # another classifier's answers
    save_predictions(files["pixels_predictions"], images.test_labels, guessed, names)
    columns = [f"{split}_{term}" for split in ("train", "validation") for term in history[0].train]
    rows = [(e.number, *e.train.values(), *e.validation.values()) for e in history]
    save_csv(files["losses"], ("epoch", *columns), rows)
    test_nats = float(nats[0].mean())
    metrics = {"test": {"neg_elbo_nats": test_nats}, "latent": {"accuracy": probed.accuracy}}
    save_metrics(run.folder / "metrics.json", metrics)
    fits = {"latent": probed.diagnostics, "pixels": probed.diagnostics}
    save_metrics(run.folder / "diagnostics.json", fits)


def embedded_in(page: str, name: str) -> dict:
    """The JSON that a page holds under `name`."""
    found = re.search(rf'id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])
