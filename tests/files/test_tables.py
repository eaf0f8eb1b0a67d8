"""The small text files, metrics/ and plots/*.csv: out and back, and refusals in a line."""

import math

import numpy as np
import pytest

from mnist_vae.errors import DataError
from mnist_vae.files.kl import load_kl, save_kl
from mnist_vae.files.metrics import NotFiniteError, load_metrics, save_metrics
from mnist_vae.files.predictions import load_predictions, save_predictions
from mnist_vae.files.tables import load_csv, save_csv


def test_columns_come_back_to_the_last_bit(tmp_path) -> None:
    save_csv(tmp_path / "a.csv", ("x", "digit"), [(0.1 + 0.2, 3), (-2.5, 9)])
    assert load_csv(tmp_path / "a.csv") == {"x": [0.1 + 0.2, -2.5], "digit": [3, 9]}
    save_csv(tmp_path / "a.csv", ("x", "class"), [(1, "a"), (2, "b, c")])
    assert (tmp_path / "a.csv").read_bytes() == b'x,class\n1,a\n2,"b, c"\n'


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n", b"a,b\n1,two\n", b"a,b\n1,2\n3\n", b"a,b\n1,2,3\n", b"\xff\xfe\n"]
)
def test_what_is_no_table_of_numbers_is_refused(tmp_path, content) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    message = r"a\.csv: is not a table of numbers; `dvc repro` makes it again"
    with pytest.raises(DataError, match=message):
        load_csv(tmp_path / "a.csv")


def test_the_kl_lies_by_size_and_comes_back_by_dimension(tmp_path) -> None:
    path, kl = tmp_path / "kl.csv", np.array([0.1 + 0.2, 2.5, 0.0])
    save_kl(path, kl)
    assert load_kl(path, 3).tolist() == kl.tolist()
    assert load_csv(path) == {
        "rank": [1, 2, 3],
        "dimension": [2, 1, 3],
        "kl_nats": sorted(kl)[::-1],
    }
    with pytest.raises(DataError, match=r"kl\.csv: is not the KL of 2 dimensions; `dvc repro`"):
        load_kl(path, 2)


def test_predictions_come_back_by_the_names_of_their_classes(tmp_path) -> None:
    path, names = tmp_path / "p.csv", ["T-shirt/top", "Shirt", "a, b"]
    labels, predicted = np.array([2, 0, 1, 1], np.uint8), np.array([2, 1, 1, 0], np.uint8)
    save_predictions(path, labels, predicted, names)
    assert path.read_text().splitlines()[:3] == [
        "actual,predicted",
        '"a, b","a, b"',
        "T-shirt/top,Shirt",
    ]
    assert load_predictions(path, labels, names).tolist() == predicted.tolist()
    for others in (labels[::-1], labels[:3]):
        with pytest.raises(DataError, match=r"p\.csv: is not of these test images; `dvc repro`"):
            load_predictions(path, others, names)
    with pytest.raises(DataError, match=r"p\.csv: is not a table of actual and predicted"):
        load_predictions(path, labels, ["other", "names"])


def test_metrics_come_back_to_the_last_bit_a_line_each(tmp_path) -> None:
    metrics = {"test": {"b": 0.1 + 0.2, "a": 2}}
    save_metrics(tmp_path / "a.json", metrics)
    save_metrics(tmp_path / "b.json", {"latent": {"accuracy": 0.5}})
    found = load_metrics([tmp_path / "a.json", tmp_path / "b.json"])
    assert found == {"test.b": 0.1 + 0.2, "test.a": 2, "latent.accuracy": 0.5}
    assert (tmp_path / "b.json").read_text() == '{\n  "latent": {\n    "accuracy": 0.5\n  }\n}\n'


def test_a_metric_that_json_cannot_hold_is_refused(tmp_path) -> None:
    message = r"^.*m\.json: test\.neg_elbo_nats is nan; .*learning_rate.*$"
    with pytest.raises(NotFiniteError, match=message):
        save_metrics(tmp_path / "m.json", {"test": {"active_units": 2, "neg_elbo_nats": math.nan}})
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize("content", ["", "[1]", '{"test": '])
def test_what_is_no_file_of_metrics_is_refused(tmp_path, content) -> None:
    (tmp_path / "m.json").write_text(content)
    with pytest.raises(DataError, match=r"m\.json: is not a file of metrics; `dvc repro`"):
        load_metrics([tmp_path / "m.json"])
