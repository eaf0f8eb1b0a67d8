"""Train the VAE; some of the training images are held out for validation.

reads   data/images.npz
writes  models/vae.pt, metrics/train.json, plots/loss.csv
        and, until it is done, checkpoints/: after a kill it resumes from there
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from _stage import run

import numpy as np

from mnist_vae.files.images import load_images
from mnist_vae.files.metrics import save_metrics
from mnist_vae.files.weights import save_weights
from mnist_vae.machine.arithmetic import arithmetic
from mnist_vae.machine.device import prepare
from mnist_vae.model.objective import describe_objective
from mnist_vae.model.trial import try_network
from mnist_vae.model.vae import build_vae, count_weights
from mnist_vae.params.loading import load_params
from mnist_vae.params.sizes import check_disk, check_sizes
from mnist_vae.training.checkpoints import Checkpoint, fingerprint
from mnist_vae.training.fit import fit, split_validation
from mnist_vae.training.loss_log import LossLog

IMAGES = Path("data/images.npz")
MODEL = Path("models/vae.pt")
METRICS = Path("metrics/train.json")
LOSS_CSV = Path("plots/loss.csv")


def main() -> Callable[[], None]:
    params = load_params()
    device = prepare(params.machine)
    print(arithmetic(device), flush=True)
    images = load_images(IMAGES, params)
    check_sizes(params, images.sizes)
    check_disk(params, images.sizes)
    split = split_validation(images.train_images, params.train.validation_fraction)
    build = partial(build_vae, params.model, params.latent_dim, params.seed, images.sizes.shape)
    try_network(build().to(device))
    vae = build().to(device)
    print(count_weights(vae))
    print(describe_objective(params.objective), flush=True)
    checkpoint = Checkpoint(fingerprint(params, split, device))
    with LossLog(LOSS_CSV, params.train.epochs) as log:
        for epoch in fit(vae, *split, params.train, params.seed, checkpoint, params.objective):
            log.append(epoch)
    brightness = round(float(images.train_images.mean(dtype=np.float64)) / 255, 4)
    save_weights(MODEL, params, images.sizes.shape, brightness, vae.state_dict())
    save_metrics(METRICS, {"validation": {"neg_elbo_nats": epoch.validation["neg_elbo_nats"]}})
    return checkpoint.remove  # once the results are in place


if __name__ == "__main__":
    run(main)
