"""Fixtures for the tests of figures."""

from collections.abc import Iterator

import pytest

from mnist_vae.figures.style import plt


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """pyplot keeps what it made, and warns of the twentieth."""
    yield
    plt.close("all")
