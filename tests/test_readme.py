"""Every figure in README that comes from `metrics/` is the committed one."""

import json
import re
import subprocess

import pytest
from committed import ROOT

README = (ROOT / "README.md").read_text()


def committed_metrics() -> dict[str, float]:
    """`section.name` -> value, of all files in metrics/ as committed."""
    found = {}
    for name in ("train", "evaluate", "classify_latent", "classify_pixels"):
        command = ["git", "show", f"HEAD:metrics/{name}.json"]
        text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for section, values in json.loads(text).items():
            found |= {f"{section}.{key}": value for key, value in values.items()}
    return found


METRICS = committed_metrics()


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


def agrees(stated: str, value: float) -> bool:
    return float(stated) == round(value, decimals(stated))


@pytest.mark.parametrize(
    ("row", "keys"),
    [
        ("test negative ELBO", ["test.neg_elbo_nats"]),
        ("LogisticRegression on `z_mean`, ", ["latent.accuracy"]),
        ("LogisticRegression on the raw pixels, ", ["pixels.accuracy"]),
    ],
)
def test_the_results_table_states_the_committed_metrics(row, keys) -> None:
    (line,) = (line for line in README.splitlines() if line.startswith(f"| {row}"))
    stated = re.findall(r"\d+\.\d+", line.split("|")[2])
    for number, key in zip(stated, keys, strict=False):
        assert agrees(number, METRICS[key]), key
    assert len(stated) >= len(keys)


def test_the_compared_column_of_the_committed_run_is_the_committed_one() -> None:
    """The block under `dvc metrics diff HEAD ...`: path, metric, HEAD, the experiment, change."""
    rows = re.findall(r"^metrics/\S+\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)$", README, re.MULTILINE)
    assert len(rows) > 3
    for key, head, experiment, change in rows:
        assert agrees(head, METRICS[key]), key
        assert float(experiment) - float(head) == pytest.approx(float(change), abs=2e-5)


def test_the_rows_of_the_committed_run_in_exp_show_are_the_committed_ones() -> None:
    lines = [line.strip("| ").split("|") for line in README.splitlines() if line.startswith("| ")]
    header = next(cells for cells in lines if cells[0].strip() == "Experiment")
    (main,) = (cells for cells in lines if cells[0].strip() == "main")
    checked = 0
    for key, stated in zip(header, main, strict=True):
        if key.strip() in METRICS:
            checked += 1
            assert float(stated) == pytest.approx(METRICS[key.strip()], rel=5e-5), key
    assert checked >= 3
