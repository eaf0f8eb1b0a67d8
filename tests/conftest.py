"""Fixtures that the tests share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from clone import ROOT

from mnist_vae.machine.cpu import has_avx2
from mnist_vae.machine.products import multiply_by_onednn

# Files that take minutes, the longest first: the workers then end at about the same time.
LONG = [
    "test_same_bytes.py",
    "test_experiments.py",
    "test_local.py",
    "test_full_mnist.py",
    "test_slurm.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: [*LONG, item.path.name].index(item.path.name))


@pytest.fixture(scope="session")
def mirror() -> Path:
    """A folder with the four MNIST files: MNIST_MIRROR, or the one beside the checkout."""
    folder = Path(os.environ.get("MNIST_MIRROR") or ROOT.parent / "shared" / "mnist")
    if not folder.is_dir():
        pytest.skip("needs the four MNIST files: set MNIST_MIRROR to their folder")
    return folder.resolve()


@pytest.fixture(autouse=True, scope="session")
def products_of_the_stages() -> None:
    """Those that prepare() sets up."""
    if has_avx2():
        multiply_by_onednn()


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Matrices this small gain nothing from a second thread, which waits where cores are busy."""
    torch.set_num_threads(1)


@pytest.fixture
def heard() -> Iterator[None]:
    """A shell starts what runs in its background deaf to Ctrl-C, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
