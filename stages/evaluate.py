"""Estimate the negative ELBO and, for a likelihood, -log p(x) of the test images; no earlier stage
looks at them.

reads   data/images.npz, models/vae.pt
writes  metrics/evaluate.json, plots/kl.csv: the KL of each dimension,
        data/test_nats.npz: the terms for each image,
        diagnostics/evaluate.json: their means, standard errors, effective samples
"""

from collections.abc import Mapping
from pathlib import Path

from _stage import run

import numpy as np

from mnist_vae import draws
from mnist_vae.analysis.latents import is_active
from mnist_vae.analysis.nll import NllEstimate, estimate_nll
from mnist_vae.files import provenance
from mnist_vae.files.images import load_images
from mnist_vae.files.kl import save_kl
from mnist_vae.files.metrics import save_metrics
from mnist_vae.files.nats import ImageNats
from mnist_vae.files.npz import save_npz
from mnist_vae.machine.device import prepare
from mnist_vae.model.elbo import elbo_terms, mean_nats, stderr_nats
from mnist_vae.model.vae import load_vae
from mnist_vae.params import load_params

IMAGES = Path("data/images.npz")
MODEL = Path("models/vae.pt")
METRICS = Path("metrics/evaluate.json")
DIAGNOSTICS = Path("diagnostics/evaluate.json")
KL = Path("plots/kl.csv")
NATS = Path("data/test_nats.npz")
SAMPLES = 10  # draws of z per image, for the ELBO
FEW_SAMPLES = 10  # effective ones, below which -log p(x) is likely too high


def main() -> None:
    params = load_params()
    device = prepare(params.machine)
    vae = load_vae(MODEL, params).to(device)
    images = load_images(IMAGES, params)
    x = vae.likelihood.observe(images.test_images, draws.test_pixels())
    terms = elbo_terms(vae, x, draws.test_eps(params.seed), SAMPLES)
    means = {**mean_nats(terms), "neg_elbo_nats_stderr": stderr_nats(terms)}
    active_units = int(is_active(terms.z_mean).sum())
    test = {"neg_elbo_nats": means["neg_elbo_nats"], "active_units": active_units}
    print("test: {neg_elbo_nats:.2f} +- {neg_elbo_nats_stderr:.2f} nats per image".format(**means))
    nll_nats = np.zeros(0, np.float32)
    if vae.likelihood.IS_LIKELIHOOD:
        rng = draws.importance_samples(params.seed)
        nll = estimate_nll(vae, x, rng, params.evaluate.importance_samples)
        nll_nats = nll.nll_nats.astype(np.float32)
        test |= {"nll_nats": float(nll.nll_nats.mean()), "bits_per_dim": nll.bits_per_dim}
        means |= diagnose(nll)
    save_metrics(METRICS, {"test": test})
    save_metrics(DIAGNOSTICS, {"test": means})
    save_kl(KL, terms.kl_nats_per_dim.mean(axis=0, dtype=np.float64))
    nats = terms.neg_elbo_nats, terms.recon_nats, terms.kl_nats
    labels = images.test_labels
    save_npz(NATS, ImageNats(provenance.of_model(params), *nats, nll_nats, labels))


def diagnose(nll: NllEstimate) -> Mapping[str, float]:
    """Print the estimate, and whether to trust it; returns what to keep of that."""
    lowest, median = (float(np.quantile(nll.effective_samples, q)) for q in (0.05, 0.5))
    print(
        f"test: -log p(x) {nll.nll_nats.mean():.2f} +- {nll.stderr:.2f} nats per image; "
        f"effective samples: {median:.1f} of {nll.samples:,} (median), {lowest:.1f} (lowest 5 %)"
    )
    if median < FEW_SAMPLES:
        print("these are few: a larger evaluate.importance_samples would likely give a lower value")
    return {
        "nll_nats_stderr": nll.stderr,
        "effective_samples_median": median,
        "effective_samples_lowest_5_percent": lowest,
    }


if __name__ == "__main__":
    run(main)
