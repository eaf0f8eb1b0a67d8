"""plots/kl.csv."""

import numpy as np
import pytest

from mnist_vae.errors import DataError
from mnist_vae.files.kl import load_kl, save_kl


def test_the_rows_come_by_size_and_the_values_back_by_dimension(tmp_path) -> None:
    kl = np.array([0.1 + 0.2, 2.5, 0.0])
    save_kl(tmp_path / "kl.csv", kl)
    assert load_kl(tmp_path / "kl.csv", 3).tolist() == kl.tolist()
    header, *rows = (tmp_path / "kl.csv").read_text().splitlines()
    assert header == "rank,dimension,kl_nats"
    assert [row.split(",")[:2] for row in rows] == [["1", "2"], ["2", "1"], ["3", "3"]]


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "rank,dimension,kl_nats\n1,1,0.5\n1,3,0.5\n"])
def test_the_kl_of_other_dimensions_is_refused(tmp_path, content) -> None:
    (tmp_path / "kl.csv").write_text(content)
    with pytest.raises(DataError, match=r"kl\.csv: is not the KL of 2 dimensions; `dvc repro`"):
        load_kl(tmp_path / "kl.csv", 2)
