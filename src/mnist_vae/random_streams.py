"""Every random stream of the pipeline, drawn on the CPU: the same numbers on every device.

A stream depends on its name and on what its function takes, and on nothing else. So no two share
their numbers, and a resumed training needs no history of draws. Only the weights come from
elsewhere: networks draw them from torch's own generator (model/vae.py).
"""

import zlib

import numpy as np

Rng = np.random.Generator


def validation_split() -> Rng:
    """Which images are held out. The same for every seed, so that seeds compare."""
    return stream("validation split")


def test_split() -> Rng:
    """Which of a data set's images are for testing, if it does not say so."""
    return stream("test split")


def training_order(seed: int, epoch: int) -> Rng:
    """The order of the images in epoch 1, 2, ..."""
    return stream("training order", seed, epoch)


def training_eps(seed: int, epoch: int) -> Rng:
    return stream("training eps", seed, epoch)


def training_pixels(seed: int, epoch: int) -> Rng:
    """For a likelihood that draws its pixels: anew in each epoch."""
    return stream("training pixels", seed, epoch)


def validation_pixels() -> Rng:
    """Drawn once, and the same for every seed, so that seeds and runs compare."""
    return stream("validation pixels")


def encoded_pixels() -> Rng:
    """Of the training images, when they are encoded after training."""
    return stream("encoded pixels")


def test_pixels() -> Rng:
    """The same for every seed, as those for validation."""
    return stream("test pixels")


def network_noise(seed: int, epoch: int) -> int:
    """A seed for torch's generator, from which a network's own noise comes: dropout."""
    return int(stream("network noise", seed, epoch).integers(2**63))


def validation_eps(seed: int) -> Rng:
    """The same in every epoch, so that only the weights move the validation curve."""
    return stream("validation eps", seed)


def test_eps(seed: int) -> Rng:
    return stream("test eps", seed)


def refinement_eps(seed: int) -> Rng:
    return stream("refinement eps", seed)


def importance_samples(seed: int) -> Rng:
    """The draws of z behind the estimate of -log p(x)."""
    return stream("importance samples", seed)


def prior_samples(seed: int) -> Rng:
    return stream("prior samples", seed)


def scatter_points() -> Rng:
    """Which test images a scatter shows. The same for every seed, so that pictures compare."""
    return stream("scatter points")


def stream(name: str, seed: int = 0, *numbers: int) -> Rng:
    """The stream `name` of a seed below 2**32, and of an epoch if there is one."""
    key = zlib.crc32(name.encode()), *numbers
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def normal(rng: Rng, *shape: int) -> np.ndarray:
    """float32 draws from N(0, 1)."""
    return rng.standard_normal(shape, dtype=np.float32)
