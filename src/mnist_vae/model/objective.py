"""The negative ELBO, and the importance-weighted bound, in nats per image."""

from typing import NamedTuple

import torch
from torch import Tensor

from mnist_vae.model.vae import VAE, sample_z
from mnist_vae.params.schema import ObjectiveParams


def kl_nats_per_dim(z_mean: Tensor, z_log_var: Tensor) -> Tensor:
    """KL(q(z_d|x) || N(0, 1)) in nats, shape (B, latent_dim); Kingma & Welling 2014, appendix B."""
    return 0.5 * (z_mean**2 + z_log_var.exp() - 1 - z_log_var)


def kl_nats(z_mean: Tensor, z_log_var: Tensor) -> Tensor:
    """KL(q(z|x) || N(0, I)) in nats per image, shape (B,); Kingma & Welling 2014, appendix B."""
    return kl_nats_per_dim(z_mean, z_log_var).sum(dim=1)


def log_ratio(z: Tensor, z_mean: Tensor, z_log_var: Tensor) -> Tensor:
    """log p(z) - log q(z|x) in nats for z (..., latent_dim), shape (...)."""
    distance = (z - z_mean).square() * torch.exp(-z_log_var)
    return 0.5 * (distance + z_log_var - z.square()).sum(dim=-1)


class Losses(NamedTuple):
    """Per image, (B,): the terms of the negative ELBO, and what training minimises."""

    recon_nats: Tensor
    kl_nats: Tensor
    minimised: Tensor


def losses(vae: VAE, x: Tensor, eps: Tensor, beta: Tensor) -> Losses:
    """For x (B, P): with eps (B, latent_dim), recon + beta * KL (Higgins et al. 2017); with eps
    (B, k, latent_dim), the importance-weighted bound of k samples."""
    if eps.dim() == 3:
        return importance_weighted_losses(vae, x, eps)
    x_logits, z_mean, z_log_var = vae(x, eps)
    recon, kl = vae.likelihood.recon_nats(x_logits, x), kl_nats(z_mean, z_log_var)
    return Losses(recon, kl, recon + beta * kl)


def importance_weighted_losses(vae: VAE, x: Tensor, eps: Tensor) -> Losses:
    """Burda, Grosse & Salakhutdinov 2016; recon_nats is the mean over the samples.

    `minimised` has the doubly reparameterised gradient, which has less variance: Tucker, Lawson, Gu
    & Maddison 2019, equations 7 and 8.
    """
    samples = eps.shape[1]
    z_mean, z_log_var = vae.encode(x)
    z = sample_z(z_mean[:, None], z_log_var[:, None], eps)
    x_each = x[:, None].expand(-1, samples, -1).flatten(end_dim=1)
    recon = vae.likelihood.recon_nats(vae.decode(z.flatten(end_dim=1)), x_each)
    recon = recon.view(-1, samples)
    ratio = log_ratio(z, z_mean[:, None].detach(), z_log_var[:, None].detach())
    log_weights = ratio - recon
    weights = log_weights.detach().softmax(dim=1)
    if z.requires_grad:
        z.register_hook(lambda gradient: gradient * weights[:, :, None])
    minimised = -(weights * log_weights).sum(dim=1)
    return Losses(recon.mean(dim=1), kl_nats(z_mean, z_log_var), minimised)


def describe_objective(objective: ObjectiveParams) -> str:
    """What `losses` minimises, for the log."""
    if objective.importance_samples > 1:
        samples = objective.importance_samples
        return f"minimises the negative importance-weighted bound of {samples} samples"
    if objective.beta == 1 and not objective.warm_up_epochs:
        return "minimises the negative ELBO"
    text = f"minimises recon + {objective.beta:g} KL, not the negative ELBO"
    if objective.warm_up_epochs:
        text += f"; the weight of the KL grows during the first {objective.warm_up_epochs} epochs"
    return text
