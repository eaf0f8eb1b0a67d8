"""Every figure in README that comes from `metrics/` is the committed one; every link leads on."""

import csv
import json
import re
import subprocess
from pathlib import Path

import pytest
from default_run import ROOT

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


@pytest.mark.parametrize(("experiment", "dim"), [("eight", 8), ("thirtytwo", 32)])
def test_the_experiments_shown_are_rows_of_the_results(experiment, dim) -> None:
    (line,) = (line for line in README.splitlines() if line.startswith(f"{experiment}  "))
    with (ROOT / "docs/results/grid.csv").open() as file:
        (row,) = (r for r in csv.DictReader(file) if r["run"] == f"latent_dim={dim} seed=0")
    keys = "test.neg_elbo_nats", "test.recon_nats", "test.kl_nats", "latent.accuracy"
    for shown, key in zip(re.findall(r"\d+\.\d+", line), keys, strict=True):
        assert agrees(shown, float(row[key])), key


def test_the_compared_column_of_the_committed_run_is_the_committed_one() -> None:
    """The block under `dvc metrics diff HEAD ...`: path, metric, HEAD, the experiment, change."""
    rows = re.findall(r"^metrics/\S+\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)$", README, re.MULTILINE)
    assert len(rows) > 3
    for key, head, experiment, change in rows:
        assert agrees(head, METRICS[key]), key
        assert float(experiment) - float(head) == pytest.approx(float(change), abs=2e-5)


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def prose(page: Path) -> str:
    """Without blocks of code, in which `](` is no link."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "benchmarks" / "README.md", *(ROOT / "docs").glob("*.md")]
    links = [
        (page, *link)
        for page in pages
        for link in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", prose(page))
    ]
    assert len(links) > 20
    for page, path, anchor in links:
        target = page.parent / path if path else page
        assert target.exists(), (page, path)
        assert not anchor or anchor in anchors(target), (page, anchor)
