"""A data set of one's own, and how it is refused."""

from pathlib import Path

import pytest

from mnist_vae.errors import DataError, PipelineError
from mnist_vae.params import loading
from mnist_vae.readers import sources
from mnist_vae.readers.sources import read_dataset


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """datasets/mine, empty."""
    for module in (loading, sources):
        monkeypatch.setattr(module, "FOLDER", tmp_path / "datasets")
    found = tmp_path / "datasets" / "mine"
    found.mkdir(parents=True)
    return found


def describe(folder: Path, text: str) -> None:
    (folder / "dataset.yaml").write_text(text)


def refused(kind: type[PipelineError] = DataError) -> str:
    with pytest.raises(kind) as caught:
        read_dataset("mine")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250
    return str(caught.value)
