"""Encode all training and test images to z_mean and z_log_var.

reads   data/images.npz, models/vae.pt
writes  data/latents.npz
"""

from pathlib import Path

from _stage import run

from mnist_vae.artifacts import Latents, load_images, load_model, save_arrays
from mnist_vae.device import prepare
from mnist_vae.inference import encode
from mnist_vae.params import OF_MODEL, flat, load_params
from mnist_vae.vae import restore_vae

IMAGES = Path("data/images.npz")
MODEL = Path("models/vae.pt")
LATENTS = Path("data/latents.npz")


def main() -> None:
    params = load_params()
    device = prepare(params.train)
    vae = restore_vae(params, load_model(MODEL, params)).to(device)
    images = load_images(IMAGES, params)
    train = encode(vae, images.train_images)
    test = encode(vae, images.test_images)
    made_with = flat(params, OF_MODEL)
    latents = Latents(made_with, *train, images.train_labels, *test, images.test_labels)
    save_arrays(LATENTS, latents)
    print(f"{LATENTS}: {len(train[0]):,} training, {len(test[0]):,} test images")


if __name__ == "__main__":
    run(main)
