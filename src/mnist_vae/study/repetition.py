"""Run rows again, with nothing of what their first run left, and compare to the last digit."""

import random
import signal
import sys
import tempfile
from pathlib import Path

from mnist_vae.compare.experiments import read_experiments
from mnist_vae.errors import PipelineError
from mnist_vae.study.plan import FOLDER, Study
from mnist_vae.study.rows import AGAIN, CHOOSING, DRAWN, FOUND, RUN, Row, load_rows, save_rows
from mnist_vae.study.running import figures_of
from mnist_vae.sweeps.base import Base, Point, find_base, refuse_changes
from mnist_vae.sweeps.experiment_run import experiment_run

SHARE = 10  # one row in so many


def run_again(root: Path, study: Study) -> int:
    """A tenth of the rows that were not yet run again, drawn at random, on the last commit; returns
    the exit status, 1 if a figure differs. Whoever interrupts it gets the same rows the next time:
    a new draw would favour short runs. Raises PipelineError."""
    base = find_base(root)
    refuse_changes(base, but=FOLDER.as_posix())
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # and the run with it
    rows = load_rows(study.path)
    drawn = [row for row in rows if row[AGAIN] == DRAWN]
    fresh = [row for row in rows if not row[AGAIN]]
    done = len(rows) - len(drawn) - len(fresh)
    missing = max(0, -(-len(rows) // SHARE) - done - len(drawn))
    drawn += random.SystemRandom().sample(fresh, missing)
    save_notes(study.path, dict.fromkeys((row[RUN] for row in drawn), DRAWN))
    print(
        f"{study.path}: {done} of {len(rows)} rows were run again; {len(drawn)} to do", flush=True
    )
    equal = True
    for row in drawn:
        odd = differences(base, row)
        equal &= not odd
        note = f"differs at {base.head[:7]}: {'; '.join(odd)}" if odd else base.head[:7]
        save_notes(study.path, {row[RUN]: note})
        print(f"{row[RUN]}: {note if odd else 'equal'}", flush=True)
    return int(not equal)


def save_notes(path: Path, notes: dict[str, str]) -> None:
    """Of each run in `notes`, in the file as it is now: another process may have added rows."""
    rows = load_rows(path)
    save_rows(path, [row | {AGAIN: notes.get(row[RUN], row[AGAIN])} for row in rows])


def differences(base: Base, row: Row) -> list[str]:
    """Of the figures of a run in a clone with an empty cache. Raises PipelineError if it fails."""
    folder = base.folder / "again"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder) as clone,
        tempfile.TemporaryDirectory(prefix="again-") as site,
        tempfile.TemporaryFile("w+") as log,
    ):
        root = base.clone_into(Path(clone))
        own = base._replace(root=root, cache=root / ".dvc" / "cache")
        (root / ".dvc" / "config.local").write_text(f"[cache]\n    dir = {own.cache}\n")
        with experiment_run(base, Point("again", row[RUN].split()), root, site, log) as dvc:
            dvc.wait()
        if dvc.returncode:
            log.seek(0)
            last = log.read().strip().splitlines()[-1:]
            raise PipelineError(f"{row[RUN]}: dvc ended with {dvc.returncode}: {' '.join(last)}")
        (run,) = read_experiments(root, {"again"}, base.head)
        found = figures_of(own, run)
    wanted = {key: row[key] for key in (*CHOOSING, *FOUND) if row[key]}
    return [f"{key} {found.get(key)!r}" for key in wanted if repr(found.get(key)) != wanted[key]]
