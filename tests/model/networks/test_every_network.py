"""Each file of model/networks/ keeps what its __init__.py promises, whichever files there are."""

import pytest
import torch
from committed import params_with

from mnist_vae.choices import NETWORKS, load_choice, names_in
from mnist_vae.sections import Section

SIZES = [1, 2, 7, 64]
each_network = pytest.mark.parametrize("name", names_in(NETWORKS))


def build(name: str, latent_dim: int, seed: int = 0) -> torch.nn.ModuleList:
    """The encoder and the decoder with the committed parameters."""
    torch.manual_seed(seed)
    options = getattr(params_with().model, name)
    return torch.nn.ModuleList(load_choice(NETWORKS, name).build(options, latent_dim))


@each_network
def test_the_committed_file_holds_its_section(name) -> None:
    options = getattr(params_with().model, name)
    assert isinstance(options, Section)
    assert type(options) is load_choice(NETWORKS, name).Params


@each_network
@pytest.mark.parametrize("latent_dim", SIZES)
@pytest.mark.parametrize("batch", [1, 5])
def test_the_shapes_are_those_that_the_vae_needs(name, latent_dim, batch) -> None:
    encoder, decoder = build(name, latent_dim)
    code, x_logits = encoder(torch.rand(batch, 784)), decoder(torch.randn(batch, latent_dim))
    assert code.shape == (batch, 2 * latent_dim)
    assert x_logits.shape == (batch, 784)
    assert code.dtype == x_logits.dtype == torch.float32


@each_network
@pytest.mark.parametrize("latent_dim", SIZES)
def test_count_weights_is_the_number_of_parameters(name, latent_dim) -> None:
    options = getattr(params_with().model, name)
    counted = load_choice(NETWORKS, name).count_weights(options, latent_dim)
    assert counted == sum(weight.numel() for weight in build(name, latent_dim).parameters())


@each_network
def test_the_weights_come_from_torchs_generator(name) -> None:
    def weights(seed: int) -> list[torch.Tensor]:
        return list(build(name, 2, seed).state_dict().values())

    assert all(torch.equal(a, b) for a, b in zip(weights(0), weights(0), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(weights(0), weights(1), strict=True))
