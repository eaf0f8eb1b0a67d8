"""Fixtures that the tests share."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from clone import LONG, QUICK, ROOT, Clone, made_once

from mnist_vae.machine.cpu import has_avx2
from mnist_vae.machine.products import multiply_by_onednn

# Files that take minutes, the longest first: the workers then end at about the same time.
LONGEST = [
    "test_emulated.py",
    "test_killed.py",
    "test_full_mnist.py",
    "test_local.py",
    "test_slurm.py",
    "test_experiments.py",
    "test_together.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: [*LONGEST, item.path.name].index(item.path.name))


@pytest.fixture(scope="session")
def mirror() -> Path:
    """A folder with the four MNIST files: MNIST_MIRROR, or the one beside the checkout."""
    folder = Path(os.environ.get("MNIST_MIRROR") or ROOT.parent / "shared" / "mnist")
    if not folder.is_dir():
        pytest.skip("needs the four MNIST files: set MNIST_MIRROR to their folder")
    return folder.resolve()


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """A folder of all of pytest's workers, with runs that tests copy or look at."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def repro(*targets: str, **params: object) -> Callable[[Path], None]:
    """Makes a clone in which dvc reproduced them, and whose results are committed."""

    def make(path: Path) -> None:
        clone = Clone(path, **params)
        clone.dvc("repro", *targets)
        clone.commit()

    return make


@pytest.fixture(scope="session")
def quick_run(shared) -> Clone:
    """The whole pipeline, run with QUICK."""
    return Clone.at(made_once(shared / "quick run", repro(**QUICK)))


@pytest.fixture(scope="session")
def before_long_training(shared) -> Clone:
    """LONG's images, downloaded."""
    return Clone.at(made_once(shared / "before training", repro("download", **LONG)))


@pytest.fixture(scope="session")
def long_training(shared) -> dict[str, bytes]:
    """What train writes with LONG if nothing disturbs it."""
    return Clone.at(made_once(shared / "undisturbed", repro("train", **LONG))).outs("train")


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
