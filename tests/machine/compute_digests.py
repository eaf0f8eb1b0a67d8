"""Run as a script, with numbers of threads and of images: digests, in JSON, of what each network
computes with each likelihood.

A few steps of training, the losses of other images, their codes, and decoded images.
"""

import hashlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "stages"))
import _stage  # noqa: F401

import numpy as np
import torch

from mnist_vae import random_streams
from mnist_vae.machine.arithmetic import expect_settings_obeyed
from mnist_vae.machine.device import prepare
from mnist_vae.machine.threads import Threads
from mnist_vae.model import batches, nll
from mnist_vae.model.elbo import elbo_terms
from mnist_vae.model.inference import decode, encode
from mnist_vae.model.nll import estimate_nll
from mnist_vae.model.vae import build_vae
from mnist_vae.params.loading import load_params
from mnist_vae.params.plugins import LIKELIHOODS, NETWORKS, load_plugin, names_in
from mnist_vae.params.schema import ObjectiveParams
from mnist_vae.training.fit import fit
from mnist_vae.training.refinement import refine

PARAMS = load_params()
THREADS, COUNT = map(int, sys.argv[1:])
BATCH = COUNT // 3
batches.BATCH = BATCH  # three of all images, side by side
nll.PRIOR_SAMPLES = COUNT - BATCH // 2  # three batches, too
# What is asked for is tried at once, however busy the machine is.
Threads.adapt = lambda self: 1 << self.most.bit_length() - 1  # pyright: ignore
IMAGES = np.random.default_rng(0).integers(0, 256, (COUNT, 28, 28), dtype=np.uint8)
SMALL = {
    "mlp": {"hidden_dims": (96,)},
    "residual": {"width": 64, "blocks": 1},
    "conv": {"channels": (8, 12), "dense_dims": (32,)},
}
SAMPLES = {"mlp": 1, "residual": 3, "conv": 1}  # above 1, the importance-weighted bound


def computed(network: str, likelihood: str, latent_dim: int) -> dict[str, str]:
    options = load_plugin(NETWORKS, network).Params(**SMALL[network])
    chosen = {"network": network, "likelihood": likelihood, network: options}
    vae = build_vae(PARAMS.model.model_copy(update=chosen), latent_dim, seed=0, shape=(1, 28, 28))
    few = {"epochs": 1, "batch_size": BATCH, "learning_rate": 1e-3}
    train = PARAMS.train.model_copy(update=few)
    objective = ObjectiveParams(beta=1.0, warm_up_epochs=0, importance_samples=SAMPLES[network])
    trained, held_out = np.split(IMAGES, [COUNT * 3 // 4])
    *_, last = fit(vae, trained, held_out, train, 0, objective=objective)
    vae.eval()
    seen = vae.likelihood.observe(IMAGES, random_streams.test_pixels())
    z_mean, z_log_var = encode(vae, seen)
    values = {
        "weights": vae.state_dict(),
        "losses": [last.train, last.validation],
        "evaluated": elbo_terms(vae, seen, random_streams.test_eps(0), 3),
        "nll": estimate_nll(vae, seen, random_streams.importance_samples(0), 3)[:2],
        "codes": [z_mean, z_log_var],
        "refined": refine(vae, seen, random_streams.refinement_eps(0), 3),
        "decoded": decode(vae, z_mean),
    }
    return {f"{network} {likelihood} {name}": digest(value) for name, value in values.items()}


def digest(value: object) -> str:
    """Of nested lists, tuples and mappings of arrays and numbers: types, shapes and bits."""
    return hashlib.sha256(plain(value)).hexdigest()


def plain(value: object) -> bytes:
    if isinstance(value, torch.Tensor):
        value = value.numpy()
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape}".encode() + value.tobytes()
    if isinstance(value, dict):
        value = [part for item in value.items() for part in item]
    if isinstance(value, (list, tuple)):
        return b"".join(digest(part).encode() for part in value)
    return repr(value).encode()


def main() -> None:
    prepare(PARAMS.machine)
    found: dict[str, str] = {}
    for network in SMALL:
        for latent_dim, likelihood in enumerate(names_in(LIKELIHOODS), start=2):
            torch.set_num_threads(THREADS)  # fit() may have changed it
            found |= computed(network, likelihood, latent_dim)
    expect_settings_obeyed()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
