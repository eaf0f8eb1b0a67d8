"""The negative ELBO and its two terms, in nats per image."""

import torch.nn.functional as F
from torch import Tensor


def recon_nats(x_logits: Tensor, x: Tensor) -> Tensor:
    """-log p(x|z) in nats per image, shape (B,); x_logits and x are (B, P), x in [0, 1].

    Kingma & Welling 2014, appendix C.1. On grey pixels this is a cross-entropy, not a likelihood.
    """
    return F.binary_cross_entropy_with_logits(x_logits, x, reduction="none").sum(dim=1)


def kl_nats_per_dim(z_mean: Tensor, z_log_var: Tensor) -> Tensor:
    """KL(q(z_d|x) || N(0, 1)) in nats, shape (B, latent_dim); Kingma & Welling 2014, appendix B."""
    return 0.5 * (z_mean**2 + z_log_var.exp() - 1 - z_log_var)


def kl_nats(z_mean: Tensor, z_log_var: Tensor) -> Tensor:
    """KL(q(z|x) || N(0, I)) in nats per image, shape (B,); Kingma & Welling 2014, appendix B."""
    return kl_nats_per_dim(z_mean, z_log_var).sum(dim=1)
