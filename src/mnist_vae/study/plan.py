"""docs/results/plan.yaml: the runs that each file of results should hold."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mnist_vae.errors import DataError, first_sentence
from mnist_vae.files.io import read_bytes
from mnist_vae.params.strict_yaml import StrictLoader
from mnist_vae.study.rows import FOUND, RUN, Row, key_of, load_rows, run_of
from mnist_vae.sweeps.base import Point
from mnist_vae.sweeps.points import expand

FOLDER = Path("docs/results")
PLAN = FOLDER / "plan.yaml"
KEYS = "grids", "asks", "choosing"


class Study(NamedTuple):
    """Its `points`; what some of them ask, by their `run`; `choosing`: variants are chosen by it,
    so that it holds no figure of a test image."""

    name: str
    points: list[Point]
    asks: dict[str, str]
    choosing: bool

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.csv"


def load_plan() -> dict[str, Study]:
    """By name. Raises DataError, FileError, and ParamsError for values that DVC does not read."""
    try:
        tree = yaml.load(read_bytes(PLAN), StrictLoader)
        return {name: study_of(name, entry) for name, entry in tree.items()}
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise DataError(f"{PLAN}: is not a plan of studies: {first_sentence(error)}") from None


def study_of(name: str, entry: dict[str, Any]) -> Study:
    """Grids as sweep.py takes them, `latent_dim=1,2 seed=0,1`, or runs with what they ask."""
    if name == "tables" or entry.keys() - KEYS or type(entry.get("choosing", False)) is not bool:
        raise ValueError(f"{name} must have {', '.join(KEYS)} alone, and another name than tables")
    asked = [(expand(grid.split()), text) for grid, text in entry.get("asks", {}).items()]
    asks = {run_of(point.overrides): text for points, text in asked for point in points}
    points = [point for grid in entry.get("grids", []) for point in expand(grid.split())]
    points += [point for asking, _ in asked for point in asking]
    unique = {run_of(point.overrides): point for point in points}
    return Study(name, list(unique.values()), asks, entry.get("choosing", False))


def rows_of(study: Study) -> dict[str, Row]:
    """Of its points, by their `run`, those that its own file has or, unless it chooses, another: no
    run is made for two files. Raises DataError, FileError and GitError."""
    paths = [study.path] if study.choosing else sorted(FOLDER.glob("*.csv"))
    rows = [row for path in paths for row in load_rows(path)]
    there = {
        key_of(row[RUN]): row for row in rows if study.choosing or any(row[key] for key in FOUND)
    }
    keys = {run: key_of(run) for run in (run_of(point.overrides) for point in study.points)}
    return {run: there[key] for run, key in keys.items() if key in there}
