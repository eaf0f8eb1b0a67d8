"""study.py, on two short runs."""

import csv
import json
import sys

import psutil
import pytest
from clone import QUICK, Clone, wait_for

pytestmark = pytest.mark.slow
FIGURES = {"validation", "train", "test", "latent", "pixels"}
PLAN = """tiny:
  grids:
  - latent_dim=2,3 seed=1
choice:
  choosing: true
  grids:
  - latent_dim=3 seed=1
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    clone = Clone(tmp_path_factory.mktemp("study") / "a clone", **QUICK)
    (clone.path / "docs/results/plan.yaml").write_text(PLAN)
    for file in (clone.path / "docs/results").glob("*.csv"):
        file.unlink()
    clone.commit()
    return clone


def study(clone: Clone, *arguments: str, check: bool = True):
    return clone.run("python", "study.py", *arguments, check=check)


def rows(clone: Clone, name: str) -> list[dict[str, str]]:
    with (clone.path / f"docs/results/{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_study_grows_run_by_run_and_is_run_again(clone) -> None:
    said = study(clone, "tiny", "--at-most", "1").stdout.splitlines()
    assert said[0] == "docs/results/tiny.csv: 2 runs, 2 of them to do"
    assert [row["run"] for row in rows(clone, "tiny")] == ["latent_dim=2 seed=1"]
    assert study(clone, "tiny", "--jobs", "1").stdout.startswith(
        "docs/results/tiny.csv: 2 runs, 1 of them to do"
    )
    assert study(clone, "tiny").stdout == "docs/results/tiny.csv: 2 runs, 0 of them to do\n"
    found, head = rows(clone, "tiny"), clone.git("rev-parse", "HEAD").strip()
    for row, name in zip(found, ["latent_dim=2,seed=1", "latent_dim=3,seed=1"], strict=True):
        commit = clone.git("rev-parse", f"refs/exps/{head[:2]}/{head[2:]}/{name}").strip()
        metrics = {}
        for file in ("train", "evaluate", "classify_latent", "classify_pixels"):
            for section, values in json.loads(
                clone.git("show", f"{commit}:metrics/{file}.json")
            ).items():
                metrics |= {f"{section}.{key}": value for key, value in values.items()}
        for key in ("validation.neg_elbo_nats", "test.kl_nats", "latent.accuracy"):
            assert float(row[key]) == metrics[key]
        assert float(row["seconds"]) > 1
        assert row["machine"].endswith("cores")

    study(clone, "tiny", "--again")
    assert sorted(row["again"] for row in rows(clone, "tiny")) == [
        "",
        head[:7],
    ]
    file = clone.path / "docs/results/tiny.csv"
    file.write_text(file.read_text().replace(head[:7] + "\n", "\n"))
    wrong = [row["test.kl_nats"] for row in rows(clone, "tiny")]
    for value in wrong:
        file.write_text(file.read_text().replace(value, value + "1"))
    done = study(clone, "tiny", "--again", check=False)
    assert done.returncode == 1
    assert "differs at" in done.stdout
    assert any(f"test.kl_nats {value}" in done.stdout for value in wrong)


def test_rows_that_were_drawn_are_run_again_after_an_interruption(clone, tmp_path) -> None:
    (clone.path / "docs/results/tiny.csv").unlink(missing_ok=True)
    study(clone, "tiny")
    folder = clone.path / ".dvc/tmp/sweep"

    def runs() -> list[str]:
        found = (process.info["cwd"] or "" for process in psutil.process_iter(["cwd"]))
        return [cwd for cwd in found if cwd.startswith(f"{folder}/")]

    again = clone.start(sys.executable, "study.py", "tiny", "--again", output=tmp_path / "log")
    wait_for(lambda: len(runs()) > 1)
    again.terminate()
    assert again.wait() == 128 + 15
    wait_for(lambda: not runs())
    assert list(folder.glob("*/again/*")) == []
    drawn = [row["run"] for row in rows(clone, "tiny") if row["again"] == "drawn"]
    assert len(drawn) == 1
    said = study(clone, "tiny", "--again").stdout.splitlines()
    assert said[0] == "docs/results/tiny.csv: 0 of 2 rows were run again; 1 to do"
    assert said[1:] == [f"{drawn[0]}: equal"]


def test_where_variants_are_chosen_no_figure_of_a_test_image_is_kept(clone) -> None:
    study(clone, "choice")
    (row,) = rows(clone, "choice")
    assert row["validation.neg_elbo_nats"]
    assert row["train.neg_elbo_nats"]
    kept = {key for key, value in row.items() if value and key.partition(".")[0] in FIGURES}
    assert kept == {"validation.neg_elbo_nats", "train.neg_elbo_nats"}
