"""Files of results: their order, and which of their runs are the same."""

from pathlib import Path

import numpy as np
import pytest
from default_run import ROOT

from mnist_vae.errors import DataError
from mnist_vae.params.loading import load_params
from mnist_vae.study.rows import key_of, load_rows, params_of, save_rows


def test_a_file_grows_in_one_order_and_another_table_is_refused(tmp_path) -> None:
    rows = [{"run": f"latent_dim={dim} seed={seed}"} for dim in (16, 2, 8) for seed in (1, 0)]
    shuffled = [rows[at] for at in np.random.default_rng(0).permutation(len(rows))]
    for name, part in (("a.csv", rows), ("b.csv", shuffled)):
        save_rows(tmp_path / name, part)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    dims = [row["run"].split()[0] for row in load_rows(tmp_path / "a.csv")]
    assert dims == [f"latent_dim={dim}" for dim in (2, 2, 8, 8, 16, 16)]
    assert load_rows(tmp_path / "none.csv") == []
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="is not a table of results"):
        load_rows(tmp_path / "c.csv")


def test_runs_are_told_apart_by_their_parameters(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    default = load_params(Path("params.yaml"))
    assert key_of("latent_dim=2 seed=0") == key_of("")
    assert key_of("machine.threads=1") == key_of(""), "which decides speed alone"
    assert key_of("latent_dim=3") != key_of("")
    assert key_of("objective.beta=1") == key_of("")
    assert params_of("train.learning_rate=1e-3")["train.learning_rate"] == 1e-3
    assert params_of("")["train.learning_rate"] == default.train.learning_rate
    with pytest.raises(DataError, match=r"has no latentdim"):
        params_of("latentdim=3")
