"""Run as a script: what each network computes with each likelihood, as digests in JSON.

A few steps of training, the losses of other images, their codes, decoded images and a picture.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "stages"))
import _stage  # noqa: F401

import numpy as np
import torch

from mnist_vae import draws
from mnist_vae.analysis.inference import decode, encode
from mnist_vae.analysis.latents import planes
from mnist_vae.analysis.nll import estimate_nll
from mnist_vae.analysis.probe import probe
from mnist_vae.choices import LIKELIHOODS, names_in
from mnist_vae.files.pictures import figure_png
from mnist_vae.machine.arithmetic import expect_settings_obeyed
from mnist_vae.machine.device import prepare
from mnist_vae.machine.threads import Threads
from mnist_vae.model import batches
from mnist_vae.model.elbo import elbo_terms
from mnist_vae.model.vae import build_vae
from mnist_vae.params import ClassifyParams, ObjectiveParams, load_params
from mnist_vae.report.digits import samples_figure
from mnist_vae.report.figures import RunLabel
from mnist_vae.training.digests import digest
from mnist_vae.training.fit import fit

PARAMS = load_params()
batches.BATCH = 40  # three of all images, side by side
# What is asked for is tried at once, however busy the machine is.
Threads.adapt = lambda self: 1 << self.most.bit_length() - 1  # pyright: ignore
IMAGES = np.random.default_rng(0).integers(0, 256, (120, 28, 28), dtype=np.uint8)
LABELS = np.arange(120, dtype=np.uint8) % 10
SMALL = {
    "mlp": {"hidden_dims": (96,)},
    "residual": {"width": 64, "blocks": 1},
    "conv": {"channels": (8, 12), "dense_dims": (32,)},
}
SAMPLES = {"mlp": 1, "residual": 3, "conv": 1}  # above 1, the importance-weighted bound


def computed(network: str, likelihood: str, latent_dim: int) -> dict[str, str]:
    options = getattr(PARAMS.model, network).model_copy(update=SMALL[network])
    chosen = {"network": network, "likelihood": likelihood, network: options}
    vae = build_vae(PARAMS.model.model_copy(update=chosen), latent_dim, seed=0)
    train = PARAMS.train.model_copy(update={"epochs": 1, "batch_size": 40, "learning_rate": 1e-3})
    objective = ObjectiveParams(beta=1.0, warm_up_epochs=0, importance_samples=SAMPLES[network])
    *_, last = fit(vae, IMAGES[:90], IMAGES[90:], train, 0, objective=objective)
    vae.eval()
    seen = vae.likelihood.observe(IMAGES, draws.test_pixels())
    z_mean, z_log_var = encode(vae, seen)
    classify = ClassifyParams(C=1.0, max_iter=20)
    features = z_mean.astype(np.float64)
    values = {
        "weights": vae.state_dict(),
        "losses": [last.train, last.validation],
        "evaluated": elbo_terms(vae, seen, draws.test_eps(0), 3),
        "nll": estimate_nll(vae, seen, draws.importance_samples(0), 3)[:2],
        "codes": [z_mean, z_log_var],
        "decoded": decode(vae, z_mean),
        "planes": [plane.points for plane in planes(z_mean, LABELS, z_mean, LABELS)],
        "probe": probe(features, LABELS, features, LABELS, classify).predicted,
    }
    return {f"{network} {likelihood} {name}": of(value) for name, value in values.items()}


def of(value: object) -> str:
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value)
    if isinstance(value, (tuple, list)):
        return digest([of(part) if isinstance(part, np.ndarray) else part for part in value])
    return digest(value)


def main(threads: int) -> None:
    prepare(PARAMS.machine)
    found: dict[str, str] = {}
    for network in SMALL:
        for latent_dim, likelihood in enumerate(names_in(LIKELIHOODS), start=2):
            torch.set_num_threads(threads)  # fit() may have changed it
            found |= computed(network, likelihood, latent_dim)
    samples = IMAGES[:32].reshape(4, 8, 28, 28) / 255
    found["picture"] = digest(figure_png(samples_figure(samples, RunLabel.of(PARAMS))).hex())
    expect_settings_obeyed()
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
