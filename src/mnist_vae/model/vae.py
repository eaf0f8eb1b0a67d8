"""The variational autoencoder; Kingma & Welling 2014."""

from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from mnist_vae.errors import DataError, ParamsError, first_sentence
from mnist_vae.files.checks import REMAKE
from mnist_vae.files.weights import Weights, load_weights
from mnist_vae.params.dotted import nested
from mnist_vae.params.fields import Shape
from mnist_vae.params.loading import validated
from mnist_vae.params.plugins import (
    LIKELIHOODS,
    NETWORKS,
    faults_in,
    file_of,
    load_plugin,
    names_in,
)
from mnist_vae.params.schema import ModelParams, Params, schema


class VAE(nn.Module):
    """An encoder and a decoder, as networks/__init__.py describes them, and a likelihood, as
    likelihoods/__init__.py does, for images of `shape` (channels, height, width), P values each.

    `network` is the name by which messages call them.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        latent_dim: int,
        shape: Shape,
        network: str = "unnamed",
        likelihood: str = "grey",
    ) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.latent_dim, self.shape, self.network = latent_dim, shape, network
        self.likelihood: ModuleType = load_plugin(LIKELIHOODS, likelihood)

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x (B, P) in [0, 1] -> z_mean and z_log_var of q(z|x), (B, latent_dim) each."""
        given = self.encoder(x)
        z_mean, z_log_var = given if isinstance(given, tuple) else given.chunk(2, dim=1)
        return z_mean, z_log_var

    def decode(self, z: Tensor) -> Tensor:
        """z (B, latent_dim) -> x_logits (B, P), which the likelihood turns into pixels."""
        return self.decoder(z)

    def forward(self, x: Tensor, eps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B, P), eps (B, latent_dim) ~ N(0, I) -> x_logits, z_mean, z_log_var."""
        z_mean, z_log_var = self.encode(x)
        return self.decode(sample_z(z_mean, z_log_var, eps)), z_mean, z_log_var


def sample_z(z_mean: Tensor, z_log_var: Tensor, eps: Tensor) -> Tensor:
    """The reparameterised sample of q(z|x), (B, latent_dim); Kingma & Welling 2014, section 2.4."""
    return z_mean + eps * torch.exp(0.5 * z_log_var)


def pixels(images: Tensor) -> Tensor:
    """uint8 images (B, H, W) or (B, H, W, 3) -> x (B, P), float32 in [0, 1], channels first."""
    return channels_first(images).flatten(start_dim=1).float().div_(255)


def overwrite_pixels(x: Tensor, images: Tensor) -> None:
    """`pixels`, written into `x`: quicker than a new tensor."""
    images = channels_first(images)
    x.view(images.shape).copy_(images).div_(255)


def channels_first(images: Tensor) -> Tensor:
    """Of colours, as torch's networks expect them."""
    return images.movedim(-1, 1) if images.dim() == 4 else images


def build_vae(model: ModelParams, latent_dim: int, seed: int, shape: Shape) -> VAE:
    """An untrained VAE on the CPU for images of `shape`, its weights drawn from `seed`. Raises
    ParamsError if the network's file fails or gives no two modules with weights."""
    torch.manual_seed(seed)
    network = load_plugin(NETWORKS, model.network)
    with faults_in(file_of(NETWORKS, model.network), "build fails"):
        encoder, decoder = network.build(model.options, latent_dim, shape)
        if not all(isinstance(half, nn.Module) for half in (encoder, decoder)):
            raise TypeError(f"{type(encoder).__name__} and {type(decoder).__name__} are no modules")
        weights = [*encoder.parameters(), *decoder.parameters()]
        if not weights or any(map(is_lazy, weights)):
            raise ValueError("there are no weights, or some whose size is not known yet")
    return VAE(encoder, decoder, latent_dim, shape, model.network, model.likelihood)


def count_weights(vae: VAE) -> str:
    """`network mlp: 404,244 weights: encoder Linear 200,960, ...`, for the log."""
    parts = []
    for half, module in (("encoder", vae.encoder), ("decoder", vae.decoder)):
        layers = [
            f"{type(layer).__name__} {sum(weight.numel() for weight in own):,}"
            for layer in module.modules()
            if (own := list(layer.parameters(recurse=False)))
        ]
        parts.append(f"{half} {', '.join(layers)}")
    total = sum(weight.numel() for weight in vae.parameters())
    return f"network {vae.network}: {total:,} weights: {'; '.join(parts)}"


def load_vae(path: Path, params: Params) -> VAE:
    """The trained VAE in a file. Raises DataError if it is not that of `params`, ParamsError if the
    network's file fails, and FileError."""
    return vae_of(load_weights(path, params), path)


def vae_of(weights: Weights, path: Path) -> VAE:
    """The trained VAE in `path`. Raises DataError if its network's file is not here or has changed
    since, ParamsError if that file fails."""
    tree = nested(weights.params)
    network = tree["model"]["network"]
    if network not in names_in(NETWORKS):
        raise DataError(
            f"{path}: is of a network that this package lacks: {file_of(NETWORKS, network)}"
        )
    kind: Any = schema(network).model_fields["model"].annotation
    try:
        model = validated(tree["model"], kind, path)
    except ParamsError:
        other = f"has other parameters than model.network {network} has here"
        raise DataError(f"{path}: {other}; {REMAKE}") from None
    vae = build_vae(model, tree["latent_dim"], tree["seed"], weights.shape)
    try:
        vae.load_state_dict(weights.state_dict)
    except RuntimeError as error:
        reason = first_sentence(error)
        raise DataError(f"{path}: is not of model.network {network}: {reason}; {REMAKE}") from None
    return vae.eval()
