"""Fixtures for the tests of files."""

from pathlib import Path

import pytest
from committed import params_with

from mnist_vae.params import Params


@pytest.fixture(scope="session")
def params() -> Params:
    """Some values are stated here because the tests ask for them."""
    return params_with(
        dataset="mnist",
        latent_dim=2,
        seed=0,
        model__network="mlp",
        model__mlp__hidden_dims=[256],
        train__epochs=30,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder
