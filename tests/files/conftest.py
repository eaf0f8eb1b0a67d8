"""Fixtures for the tests of files."""

import pytest
from default_run import params_with

from mnist_vae.params.schema import Params


@pytest.fixture(scope="session")
def params() -> Params:
    """Some values are stated here because the tests ask for them."""
    return params_with(dataset="mnist", latent_dim=2, seed=0, train__epochs=30)
