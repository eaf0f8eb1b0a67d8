"""Values that are allowed one by one but cannot work together, or not on this machine."""

import math
import shutil
from pathlib import Path

from mnist_vae.errors import ParamsError, PipelineError, abbreviate
from mnist_vae.machine.limits import usable_memory
from mnist_vae.params.datasets import Sizes
from mnist_vae.params.plugins import NETWORKS, faults_in, file_of, load_plugin
from mnist_vae.params.schema import ObjectiveParams, Params, TrainParams

FLOAT_BYTES = 4


def check_sizes(params: Params, sizes: Sizes) -> None:
    """Raises ParamsError for values of `params` that are too large for images of these `sizes`, for
    one another or for this machine's memory."""
    images = sizes.train_images
    left = images - held_out(images, params.train.validation_fraction)
    if params.train.batch_size > left:
        raise ParamsError(
            f"train.batch_size is {params.train.batch_size}; {params.dataset} leaves {left} images "
            "to train on, and a batch cannot have more: lower it"
        )
    check_objective(params.objective, params.train)
    needed, present = memory_needed(params, sizes), usable_memory()
    if needed > present:
        network = params.model.network
        large = {"latent_dim": params.latent_dim}
        if params.objective.importance_samples > 1:
            large["objective.importance_samples"] = params.objective.importance_samples
        for key, value in params.model.options.model_dump(mode="json").items():
            large[f"model.{network}.{key}"] = value
        named = " and ".join(f"{key} is {abbreviate(value)}" for key, value in large.items())
        raise ParamsError(
            f"{named}; this takes at least {needed / 1e9:.1f} GB of memory, and this process may "
            f"use {present / 1e9:.1f} GB"
        )


def check_objective(objective: ObjectiveParams, train: TrainParams) -> None:
    """Raises ParamsError."""
    if objective.importance_samples > 1 and (objective.beta != 1 or objective.warm_up_epochs):
        raise ParamsError(
            f"objective.importance_samples is {objective.importance_samples}; above 1, "
            "objective.beta must be 1 and objective.warm_up_epochs 0, for the importance-weighted "
            "bound has no KL of its own to weigh"
        )
    if objective.warm_up_epochs > train.epochs:
        raise ParamsError(
            f"objective.warm_up_epochs is {objective.warm_up_epochs}; train.epochs is "
            f"{train.epochs}, and the warm-up cannot last longer"
        )


def memory_needed(params: Params, sizes: Sizes) -> int:
    """Bytes without which no stage can work: the training images as floats with the weights, their
    gradients and Adam's two moments, or an epoch's eps; z_mean and z_log_var of all images and the
    file that holds them."""
    weights = weights_of(params, sizes)
    codes = (sizes.train_images + sizes.test_images) * params.latent_dim
    eps = sizes.train_images * params.latent_dim * params.objective.importance_samples
    x = sizes.train_images * math.prod(sizes.shape)
    return FLOAT_BYTES * max(x + max(4 * weights, eps), 4 * codes)


def weights_of(params: Params, sizes: Sizes) -> int:
    """How many the network has for such images. Raises ParamsError."""
    name = params.model.network
    network = load_plugin(NETWORKS, name)
    with faults_in(file_of(NETWORKS, name), "count_weights fails"):
        return int(network.count_weights(params.model.options, params.latent_dim, sizes.shape))


def check_disk(params: Params, sizes: Sizes) -> None:
    """Raises PipelineError if the weights and the codes of all images would not fit on the disk."""
    weights = weights_of(params, sizes)
    codes = 2 * (sizes.train_images + sizes.test_images) * params.latent_dim
    needed, free = FLOAT_BYTES * (weights + codes), shutil.disk_usage(Path()).free
    if needed > free:
        raise PipelineError(
            f"the model and the codes of all images take {needed / 1e9:.1f} GB, and this disk has "
            f"{free / 1e9:.1f} GB left: free some, or lower latent_dim"
        )


def held_out(images: int, fraction: float) -> int:
    """The size of the validation set. Raises ParamsError if one side would be empty."""
    count = round(images * fraction)
    if not 0 < count < images:
        raise ParamsError(
            f"train.validation_fraction is {fraction}: it holds out {count} of {images} images; "
            "both sides need at least one"
        )
    return count
