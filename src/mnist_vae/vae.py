"""The variational autoencoder; Kingma & Welling 2014, appendix C, with ReLU for tanh."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from mnist_vae.errors import DataError
from mnist_vae.params import Params

PIXELS = 28 * 28


def mlp(widths: Sequence[int]) -> nn.Sequential:
    """Linear layers of these widths with a ReLU between each two."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Encoder(nn.Module):
    """x (B, 784) in [0, 1] -> z_mean and z_log_var, (B, latent_dim) each."""

    def __init__(self, latent_dim: int, hidden_dims: Sequence[int]) -> None:
        super().__init__()
        self.layers = mlp([PIXELS, *hidden_dims, 2 * latent_dim])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z_mean, z_log_var = self.layers(x).chunk(2, dim=1)
        return z_mean, z_log_var


class Decoder(nn.Module):
    """z (B, latent_dim) -> x_logits (B, 784), the logits of Bernoulli pixels."""

    def __init__(self, latent_dim: int, hidden_dims: Sequence[int]) -> None:
        super().__init__()
        self.layers = mlp([latent_dim, *reversed(hidden_dims), PIXELS])

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z)


class VAE(nn.Module):
    def __init__(self, encoder: nn.Module, decoder: nn.Module, latent_dim: int) -> None:
        super().__init__()
        self.encoder, self.decoder, self.latent_dim = encoder, decoder, latent_dim

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def forward(self, x: Tensor, eps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B, 784), eps (B, latent_dim) ~ N(0, I) -> x_logits, z_mean, z_log_var."""
        z_mean, z_log_var = self.encoder(x)
        return self.decoder(sample_z(z_mean, z_log_var, eps)), z_mean, z_log_var


def sample_z(z_mean: Tensor, z_log_var: Tensor, eps: Tensor) -> Tensor:
    """The reparameterised sample of q(z|x), (B, latent_dim); Kingma & Welling 2014, section 2.4."""
    return z_mean + eps * torch.exp(0.5 * z_log_var)


# name in params.yaml -> its encoder and its decoder, each made from (latent_dim, hidden_dims)
ARCHITECTURES = {"mlp": (Encoder, Decoder)}


def build_vae(architecture: str, latent_dim: int, hidden_dims: Sequence[int], seed: int) -> VAE:
    """An untrained VAE on the CPU, its weights drawn from `seed`."""
    encoder, decoder = ARCHITECTURES[architecture]
    torch.manual_seed(seed)
    return VAE(encoder(latent_dim, hidden_dims), decoder(latent_dim, hidden_dims), latent_dim)


def restore_vae(params: Params, state_dict: dict[str, Tensor]) -> VAE:
    """The VAE whose weights `artifacts.load_model` read. Raises DataError if it does not fit."""
    vae = build_vae(**dict(params.model), latent_dim=params.latent_dim, seed=params.seed)
    try:
        vae.load_state_dict(state_dict)
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip()  # below a heading
        raise DataError(f"the model's weights are not those of this network: {first}") from None
    return vae.eval()
