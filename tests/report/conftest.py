"""Settings for the tests of figures."""

import matplotlib.pyplot as plt
import pytest
import torch


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Matrices this small gain nothing from a second thread, which waits where cores are busy."""
    torch.set_num_threads(1)
