"""Train the VAE; a part of the training images is held out for validation.

reads   data/images.npz
writes  models/vae.pt, metrics/train.json, plots/loss.csv, plots/loss.png
        and, until it is done, checkpoints/: killed, it goes on from there
"""

from pathlib import Path

from _stage import run, stop_if_abandoned

from mnist_vae.artifacts import load_images, save_figure, save_metrics, save_model
from mnist_vae.checkpoints import Checkpoint, deciders
from mnist_vae.device import prepare
from mnist_vae.figures import Run, loss_figure
from mnist_vae.loss_log import LossLog
from mnist_vae.params import load_params
from mnist_vae.training import fit, split_validation
from mnist_vae.vae import build_vae

IMAGES = Path("data/images.npz")
MODEL = Path("models/vae.pt")
METRICS = Path("metrics/train.json")
LOSS_CSV = Path("plots/loss.csv")
LOSS_PNG = Path("plots/loss.png")


def main() -> None:
    params = load_params()
    device = prepare(params.train)
    images = load_images(IMAGES, params)
    split = split_validation(images.train_images, params.train.validation_fraction)
    vae = build_vae(**dict(params.model), latent_dim=params.latent_dim, seed=params.seed)
    checkpoint = Checkpoint(deciders(params, split, device))
    with LossLog(LOSS_CSV, params.train.epochs) as log:
        for epoch in fit(vae.to(device), *split, params.train, params.seed, checkpoint):
            stop_if_abandoned()
            log.append(epoch)
    save_model(MODEL, params, vae.state_dict())
    save_metrics(METRICS, {"train": epoch.train, "validation": epoch.validation})
    save_figure(
        LOSS_PNG, loss_figure(log.columns, Run(images.params["dataset"], params.latent_dim))
    )
    checkpoint.remove()


if __name__ == "__main__":
    run(main)
