"""Encode all training and test images to z_mean and z_log_var.

reads   data/images.npz, models/vae.pt
writes  data/latents.npz
"""

from pathlib import Path

from _stage import run

from mnist_vae import random_streams
from mnist_vae.files.images import load_images
from mnist_vae.files.latents import save_latents
from mnist_vae.machine.device import prepare
from mnist_vae.model.inference import encode
from mnist_vae.model.vae import load_vae
from mnist_vae.params.loading import load_params

IMAGES = Path("data/images.npz")
MODEL = Path("models/vae.pt")
LATENTS = Path("data/latents.npz")


def main() -> None:
    params = load_params()
    device = prepare(params.machine)
    images = load_images(IMAGES, params)
    vae = load_vae(MODEL, params).to(device)
    train = encode(
        vae, vae.likelihood.observe(images.train_images, random_streams.encoded_pixels())
    )
    test = encode(vae, vae.likelihood.observe(images.test_images, random_streams.test_pixels()))
    arrays = *train, images.train_labels, *test, images.test_labels
    save_latents(LATENTS, params, arrays)
    print(f"{LATENTS}: {len(train[0]):,} training, {len(test[0]):,} test images")


if __name__ == "__main__":
    run(main)
