"""A trained VAE, from its file alone."""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mnist_vae import random_streams
from mnist_vae.errors import DataError, PipelineError, first_sentence
from mnist_vae.files.checks import expect_uint8
from mnist_vae.files.weights import load_weights
from mnist_vae.model.inference import decode, encode
from mnist_vae.model.vae import VAE, vae_of

MODEL = Path("models/vae.pt")
CLEAR = 0.15  # how far from one half the brightness of images must be to tell ink from paper


class TrainedVAE:
    """`params` holds the parameters that it was trained with, by dotted key; `shape` is that of its
    images: channels, height, width. `module` is the torch module, with `encoder` and `decoder`."""

    def __init__(self, path: Path) -> None:
        """Reads the file `path`. Raises DataError, FileError, and ParamsError if the network's file
        fails."""
        weights = load_weights(path)
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers stay as they are
            self.module: VAE = vae_of(weights, path)
        self.params, self.brightness = weights.params, weights.brightness
        self.shape, self.latent_dim = self.module.shape, self.module.latent_dim

    def encode(self, images: Any) -> tuple[np.ndarray, np.ndarray]:
        """z_mean and z_log_var, float32 (N, latent_dim) each, of uint8 images (N, H, W) or
        (N, H, W, 3); of one image or one Pillow image, (latent_dim,). Raises DataError.

        A likelihood with black and white pixels draws them first, the same ones each time.
        """
        batch, single = as_images(images, self.shape)
        self.warn_if_inverted(batch)
        observed = self.module.likelihood.observe(batch, random_streams.test_pixels())
        z_mean, z_log_var = encode(self.module, observed)
        return (z_mean[0], z_log_var[0]) if single else (z_mean, z_log_var)

    def decode(self, z: Any) -> np.ndarray:
        """x_mean, float32 (..., H, W) or (..., H, W, 3) in [0, 1], of z (..., latent_dim). Raises
        DataError."""
        if isinstance(z, torch.Tensor):
            z = z.detach().cpu()
            z = z.float() if z.is_floating_point() else z
        try:
            z = np.asarray(z)
        except ValueError:
            raise DataError("z is a list of unequal rows instead of one array") from None
        if z.dtype.kind not in "fiu" or z.ndim == 0 or z.shape[-1] != self.latent_dim:
            wanted = f"numbers (..., {self.latent_dim})"
            raise DataError(f"z is {z.dtype} {z.shape} instead of {wanted}")
        return decode(self.module, z[None])[0]

    def sample(self, count: int, seed: int = 0) -> np.ndarray:
        """x_mean of `count` draws z ~ N(0, I)."""
        rng = random_streams.prior_samples(seed)
        return self.decode(rng.standard_normal((count, self.latent_dim)))

    def warn_if_inverted(self, images: np.ndarray) -> None:
        """Black on white is not what a model of white on black has learnt."""
        if not len(images):
            return
        here, there = images.mean() / 255, self.brightness
        if abs(there - 0.5) > CLEAR and abs(here - 0.5) > CLEAR and (here > 0.5) != (there > 0.5):
            warnings.warn(
                f"the images look inverted: their mean is {here:.2f}, that of the training images "
                f"{there:.2f}; `255 - images` may be what you want",
                stacklevel=3,
            )


def load(path: str | Path, rev: str | None = None) -> TrainedVAE:
    """The model in a file, or in the repository `path`: that of its workspace, or of a Git revision
    or an experiment `rev`. Raises DataError, FileError, ParamsError if the network's file
    fails, and PipelineError if DVC does not have the model."""
    path = Path(path)
    if rev is None:
        return TrainedVAE(path / MODEL if path.is_dir() else path)
    from dvc.api import DVCFileSystem  # takes half a second to load

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / MODEL.name
        try:
            DVCFileSystem(repo=str(path), rev=rev).get_file(MODEL.as_posix(), str(copy))
        except Exception as error:  # DVC documents no closed list
            raise PipelineError(f"{rev}: has no {MODEL}: {first_sentence(error)}") from None
        try:
            return TrainedVAE(copy)
        except PipelineError as error:
            raise type(error)(str(error).replace(str(copy), f"{rev}: {MODEL}")) from None


def as_images(images: Any, shape: tuple[int, int, int]) -> tuple[np.ndarray, bool]:
    """uint8 (N, H, W) or (N, H, W, 3), and whether it was a single image. Raises DataError."""
    channels, *size = shape
    wanted = (*size, 3) if channels == 3 else tuple(size)
    if hasattr(images, "convert"):  # a Pillow image
        if images.mode.startswith(("I", "F")):  # of which Pillow clips what is above 255
            raise DataError(f"the image has the mode {images.mode}; L or RGB is wanted")
        images = np.array(images.convert("RGB" if channels == 3 else "L"))
    if isinstance(images, (list, tuple)):
        raise DataError("images are a list; one array is wanted: `numpy.stack(images)`")
    images = np.asarray(images)
    expect_uint8(images)
    if images.shape == wanted:
        return images[None], True
    if images.shape[1:] != wanted:
        axes = ", ".join(map(str, wanted))
        raise DataError(f"images have the shape {images.shape} instead of (N, {axes})")
    return images, False
