"""Runs made without DVC: the files of all stages that the report reads, in one folder."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from committed import params_with

from mnist_vae import draws
from mnist_vae.analysis.inference import encode
from mnist_vae.analysis.probe import probe
from mnist_vae.choices import DATASETS, load_choice
from mnist_vae.files import provenance
from mnist_vae.files.images import Images
from mnist_vae.files.kl import save_kl
from mnist_vae.files.latents import Latents
from mnist_vae.files.metrics import save_metrics
from mnist_vae.files.nats import ImageNats
from mnist_vae.files.npz import save_npz
from mnist_vae.files.tables import save_csv
from mnist_vae.files.weights import save_weights
from mnist_vae.model.elbo import elbo_terms
from mnist_vae.model.vae import VAE, build_vae
from mnist_vae.params import Params
from mnist_vae.report.page import build_page
from mnist_vae.report.run import Run, load_run
from mnist_vae.training.fit import Epoch, fit

NAMES = {
    "images": "images.npz",
    "latents": "latents.npz",
    "nats": "test_nats.npz",
    "model": "vae.pt",
    "kl": "kl.csv",
    "losses": "loss.csv",
    "predictions": "confusion_latent.csv",
}


class SmallRun(NamedTuple):
    """Trained for a moment on the embedded digits, under whatever name of a data set."""

    folder: Path
    params: Params
    vae: VAE

    @property
    def files(self) -> dict[str, Path]:
        return {kind: self.folder / name for kind, name in NAMES.items()}

    def load(self) -> Run:
        return load_run(self.files, [self.folder / "metrics.json"], self.vae, self.params)

    def page(self, images: int = 10_000) -> bytes:
        return build_page(self.load(), self.vae, images)


@cache
def digits() -> tuple[np.ndarray, ...]:
    return load_choice(DATASETS, "mnist_5k").load()


def make_run(
    folder: Path, epochs: int = 1, train: int = 500, test: int = 200, **changes: Any
) -> SmallRun:
    """A run of `params_with(**changes)` on so many of the embedded digits."""
    params = params_with(train__epochs=epochs, train__batch_size=50, **changes)
    run = SmallRun(folder, params, build_vae(params.model, params.latent_dim, params.seed))
    chosen = np.random.default_rng(0).permutation(len(digits()[1]))[:train]
    shown = np.random.default_rng(0).permutation(len(digits()[3]))[:test]
    split = *(array[chosen] for array in digits()[:2]), *(array[shown] for array in digits()[2:])
    images = Images(provenance.of_images(params), *split)
    validation = images.train_images[:100]
    history = fit(run.vae, images.train_images, validation, params.train, params.seed)
    write_files(run, images, list(history))
    return run


def write_files(run: SmallRun, images: Images, history: list[Epoch]) -> None:
    vae, made_with, files = run.vae.eval(), provenance.of_model(run.params), run.files
    train = vae.likelihood.observe(images.train_images, draws.encoded_pixels())
    test = vae.likelihood.observe(images.test_images, draws.test_pixels())
    codes = *encode(vae, train), images.train_labels, *encode(vae, test), images.test_labels
    terms = elbo_terms(vae, test, draws.test_eps(0), samples=10)
    nats = terms.neg_elbo_nats, terms.recon_nats, terms.kl_nats
    probed = probe(
        codes[0].astype(float), codes[2], codes[3].astype(float), codes[5],
        run.params.classify,
    )  # fmt: skip
    names = load_choice(DATASETS, run.params.dataset).CLASS_NAMES
    pairs = zip(images.test_labels, probed.predicted, strict=True)
    save_npz(files["images"], images)
    save_weights(files["model"], run.params, vae.state_dict())
    save_npz(files["latents"], Latents(made_with, *codes))
    save_npz(files["nats"], ImageNats(made_with, *nats, nats[0][:0], images.test_labels))
    save_kl(files["kl"], terms.kl_nats_per_dim.mean(axis=0, dtype=np.float64))
    named = ((names[actual], names[predicted]) for actual, predicted in pairs)
    save_csv(files["predictions"], ("actual", "predicted"), named)
    columns = [f"{split}_{term}" for split in ("train", "validation") for term in history[0].train]
    rows = [(e.number, *e.train.values(), *e.validation.values()) for e in history]
    save_csv(files["losses"], ("epoch", *columns), rows)
    test_nats = float(nats[0].mean())
    metrics = {"test": {"neg_elbo_nats": test_nats}, "latent": {"accuracy": probed.accuracy}}
    save_metrics(run.folder / "metrics.json", metrics)
