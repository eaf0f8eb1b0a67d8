"""Fixtures for the tests of training."""

import pytest

from mnist_vae.training import checkpoints


@pytest.fixture
def a_checkpoint_after_each_epoch(tmp_path, monkeypatch) -> None:
    """In a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(checkpoints, "MIN_INTERVAL_SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "MAX_TIME_SHARE", 1e9)
