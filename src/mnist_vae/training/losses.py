"""What a training step minimises."""

from typing import NamedTuple

from torch import Tensor

from mnist_vae.model.objective import kl_nats, log_ratio
from mnist_vae.model.vae import VAE, sample_z
from mnist_vae.params import ObjectiveParams


def minimised(objective: ObjectiveParams) -> str:
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


class Losses(NamedTuple):
    """Per image, (B,): the terms of the negative ELBO, and what is minimised instead or as well."""

    recon_nats: Tensor
    kl_nats: Tensor
    minimised: Tensor


def losses(vae: VAE, x: Tensor, eps: Tensor, beta: Tensor) -> Losses:
    """For x (B, 784): with eps (B, latent_dim), recon + beta * KL (Higgins et al. 2017); with eps
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
