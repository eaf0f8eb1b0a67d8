"""Estimate the negative ELBO and, for a likelihood, -log p(x) of the test images; no earlier stage
looks at them.

reads   data/images.npz, models/vae.pt
writes  metrics/evaluate.json, plots/kl.csv: the KL of each dimension,
        data/test_nats.npz: the terms for each image,
        diagnostics/evaluate.json: standard errors, effective samples
"""

from pathlib import Path

from _stage import run

import numpy as np

from mnist_vae import random_streams
from mnist_vae.analysis.latents import is_active
from mnist_vae.files.images import load_images
from mnist_vae.files.kl import save_kl
from mnist_vae.files.metrics import save_metrics
from mnist_vae.files.nats import save_nats
from mnist_vae.machine.device import prepare
from mnist_vae.model.elbo import elbo_terms, mean_nats, stderr_nats
from mnist_vae.model.nll import estimate_nll
from mnist_vae.model.vae import load_vae
from mnist_vae.params.loading import load_params
from mnist_vae.training.refinement import refine

IMAGES = Path("data/images.npz")
MODEL = Path("models/vae.pt")
METRICS = Path("metrics/evaluate.json")
DIAGNOSTICS = Path("diagnostics/evaluate.json")
KL = Path("plots/kl.csv")
NATS = Path("data/test_nats.npz")
SAMPLES = 10  # draws of z per image, for the ELBO


def main() -> None:
    params = load_params()
    device = prepare(params.machine)
    images = load_images(IMAGES, params)
    vae = load_vae(MODEL, params).to(device)
    x = vae.likelihood.observe(images.test_images, random_streams.test_pixels())
    terms = elbo_terms(vae, x, random_streams.test_eps(params.seed), SAMPLES)
    test = {**mean_nats(terms), "active_units": int(is_active(terms.z_mean).sum())}
    stderr = stderr_nats(terms)
    diagnostics = {"neg_elbo_nats_stderr": stderr}
    print(f"test: negative ELBO {test['neg_elbo_nats']:.2f} +- {stderr:.2f} nats per image")
    refined = None
    if steps := params.evaluate.refinement_steps:
        print(f"gradient steps on q(z|x) of each test image: {steps:,}", flush=True)
        refined = refine(vae, x, random_streams.refinement_eps(params.seed), steps)
        nats = elbo_terms(vae, x, random_streams.test_eps(params.seed), SAMPLES, refined)
        test["refined_neg_elbo_nats"] = mean_nats(nats)["neg_elbo_nats"]
        print(f"test: negative ELBO {test['refined_neg_elbo_nats']:.2f} nats with these q(z|x)")
    nll_nats = np.zeros(0, np.float32)
    if vae.likelihood.IS_LIKELIHOOD:
        rng = random_streams.importance_samples(params.seed)
        samples = params.evaluate.importance_samples
        print(f"samples of q(z|x) for each test image: {samples:,}", flush=True)
        nll = estimate_nll(vae, x, rng, samples, refined)
        nll_nats = nll.nll_nats.astype(np.float32)
        test |= {"nll_nats": float(nll.nll_nats.mean()), "bits_per_dim": nll.bits_per_dim}
        diagnostics |= nll.diagnostics
        print(f"test: {nll}")
    save_metrics(METRICS, {"test": test})
    save_metrics(DIAGNOSTICS, {"test": diagnostics})
    save_kl(KL, terms.kl_nats_per_dim.mean(axis=0, dtype=np.float64))
    nats = terms.neg_elbo_nats, terms.recon_nats, terms.kl_nats, nll_nats, images.test_labels
    save_nats(NATS, params, nats)


if __name__ == "__main__":
    run(main)
