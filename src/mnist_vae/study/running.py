"""Run what a file of results lacks, and add the rows."""

import json
from functools import partial
from pathlib import Path

from mnist_vae.compare.experiments import Experiment, read_blobs, read_experiments
from mnist_vae.compare.lock import outs_of
from mnist_vae.errors import DataError
from mnist_vae.files.checks import REMAKE
from mnist_vae.git import experiments
from mnist_vae.machine.load import free_now
from mnist_vae.params.dotted import flatten
from mnist_vae.study.plan import FOLDER, Study, rows_of
from mnist_vae.study.rows import CHOOSING, FOUND, RUN, Row, load_rows, run_of, save_rows
from mnist_vae.sweeps.base import Base, Point, find_base, make_plan, refuse_changes
from mnist_vae.sweeps.local import run_here
from mnist_vae.sweeps.points import validate
from mnist_vae.sweeps.worker import load_record

DIAGNOSTICS = "diagnostics/evaluate.json"
LOSSES = "plots/loss.csv"


def run_missing(root: Path, study: Study, jobs: int | None, at_most: int | None) -> int:
    """Returns the exit status, 1 if a point failed. Raises PipelineError.

    What is interrupted resumes with the next call, as a sweep does.
    """
    base = find_base(root)
    add_finished(base, study)
    left = missing(study)
    points = left[:at_most]
    print(f"{study.path}: {len(study.points)} runs, {len(left)} of them to do", flush=True)
    if points:
        refuse_changes(base, but=FOLDER.as_posix())
        validate(points)
        plan = make_plan(base, points, points_per_job=1)
        path, add = plan.save("local"), partial(add_finished, base, study)
        run_here(plan, path, not base.done(), jobs or free_now(), after_each=add)
        left = missing(study)
    return int(any(point in left for point in points))


def missing(study: Study) -> list[Point]:
    """What neither its file nor, for a study with all figures, another one has."""
    there = rows_of(study)
    return [point for point in study.points if run_of(point.overrides) not in there]


def add_finished(base: Base, study: Study) -> None:
    """Write a row for each experiment on this commit that the file lacks. Raises PipelineError."""
    wanted = {point.name: point for point in missing(study)}
    if not wanted:
        return
    found = read_experiments(base.root, wanted.keys() & base.done(), base.head)
    rows = [row_of(base, study, wanted[run.name], run) for run in found if not run.not_run]
    if rows:
        save_rows(study.path, [*load_rows(study.path), *rows])
        print(f"{study.path}: {len(rows)} rows added", flush=True)


def row_of(base: Base, study: Study, point: Point, run: Experiment) -> Row:
    figures = figures_of(base, run)
    shown = CHOOSING if study.choosing else (*CHOOSING, *FOUND)
    made = load_record(base, point) | {"commit": base.head[:7]}
    numbers = {key: repr(figures[key]) for key in shown if key in figures}
    return {RUN: run_of(point.overrides), **numbers, **made}


def figures_of(base: Base, run: Experiment) -> dict[str, float]:
    """Its metrics, the last training loss, and how far to trust its NLL. Raises DataError."""
    commit = experiments(base.head, base.root)[run.name]
    losses, lock = read_blobs(base.root, [f"{commit}:./{file}" for file in (LOSSES, "dvc.lock")])
    if not losses or not lock:
        raise DataError(f"{run.name}: has no {LOSSES} or no dvc.lock")
    header, *_, last = losses.decode().splitlines()
    train = dict(zip(header.split(","), map(float, last.split(",")), strict=True))
    md5 = outs_of(lock.decode())[DIAGNOSTICS]
    diagnostics = base.cached(md5)
    if not diagnostics.exists():
        raise DataError(f"{run.name}: {DIAGNOSTICS} is not in DVC's cache; {REMAKE}")
    trust = flatten(json.loads(diagnostics.read_bytes()))
    return run.metrics | trust | {"train.neg_elbo_nats": train["train_neg_elbo_nats"]}
