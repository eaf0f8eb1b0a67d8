"""Estimate the negative ELBO of the test images: the only look at it.

reads   data/images.npz, models/vae.pt
writes  metrics/evaluate.json
"""

from pathlib import Path

from _stage import run

import numpy as np

from mnist_vae.artifacts import load_images, load_model, save_metrics
from mnist_vae.device import prepare
from mnist_vae.inference import elbo_terms, mean_nats, stderr_nats
from mnist_vae.latents import active_units
from mnist_vae.params import load_params
from mnist_vae.vae import restore_vae

IMAGES = Path("data/images.npz")
MODEL = Path("models/vae.pt")
METRICS = Path("metrics/evaluate.json")
SAMPLES = 10  # draws of z an image


def main() -> None:
    params = load_params()
    device = prepare(params.train)
    vae = restore_vae(params, load_model(MODEL, params)).to(device)
    rng = np.random.default_rng([params.seed, 0, 1])  # training draws from (seed, epoch)
    terms = elbo_terms(vae, load_images(IMAGES, params).test_images, rng, SAMPLES)
    test = {
        **mean_nats(terms),
        "neg_elbo_nats_stderr": stderr_nats(terms),
        "active_units": active_units(terms.z_mean.numpy()),
        "kl_nats_per_dim": terms.kl_nats_per_dim.double().mean(dim=0).tolist(),
    }
    save_metrics(METRICS, {"test": test})
    print("test: {neg_elbo_nats:.2f} +- {neg_elbo_nats_stderr:.2f} nats per image".format(**test))


if __name__ == "__main__":
    run(main)
