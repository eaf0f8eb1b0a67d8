"""Estimate the negative ELBO of the test images; no earlier stage looks at them.

reads   data/images.npz, models/vae.pt
writes  metrics/evaluate.json, plots/kl.csv: the KL of each dimension,
        data/test_nats.npz: the terms for each image,
        diagnostics/evaluate.json: their means and the standard error
"""

from pathlib import Path

from _stage import run

from mnist_vae import draws
from mnist_vae.analysis.latents import is_active
from mnist_vae.device import prepare
from mnist_vae.files import provenance
from mnist_vae.files.images import load_images
from mnist_vae.files.kl import save_kl
from mnist_vae.files.metrics import save_metrics
from mnist_vae.files.nats import ImageNats
from mnist_vae.files.npz import save_npz
from mnist_vae.model.elbo import elbo_terms, mean_nats, stderr_nats
from mnist_vae.model.vae import load_vae
from mnist_vae.params import load_params

IMAGES = Path("data/images.npz")
MODEL = Path("models/vae.pt")
METRICS = Path("metrics/evaluate.json")
DIAGNOSTICS = Path("diagnostics/evaluate.json")
KL = Path("plots/kl.csv")
NATS = Path("data/test_nats.npz")
SAMPLES = 10  # draws of z per image


def main() -> None:
    params = load_params()
    device = prepare(params.machine)
    vae = load_vae(MODEL, params).to(device)
    images = load_images(IMAGES, params)
    terms = elbo_terms(vae, images.test_images, draws.test_eps(params.seed), SAMPLES)
    means = {**mean_nats(terms), "neg_elbo_nats_stderr": stderr_nats(terms)}
    active_units = int(is_active(terms.z_mean.numpy()).sum())
    test = {"neg_elbo_nats": means["neg_elbo_nats"], "active_units": active_units}
    save_metrics(METRICS, {"test": test})
    save_metrics(DIAGNOSTICS, {"test": means})
    save_kl(KL, terms.kl_nats_per_dim.double().mean(dim=0).numpy())
    nats = terms.neg_elbo_nats.numpy(), terms.recon_nats.numpy(), terms.kl_nats.numpy()
    save_npz(NATS, ImageNats(provenance.of_model(params), *nats, images.test_labels))
    print("test: {neg_elbo_nats:.2f} +- {neg_elbo_nats_stderr:.2f} nats per image".format(**means))


if __name__ == "__main__":
    run(main)
