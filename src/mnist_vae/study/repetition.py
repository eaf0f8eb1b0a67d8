"""Run rows again, with nothing of what their first run left, and compare to the last digit."""

import random
import subprocess
import tempfile
from pathlib import Path

from mnist_vae.compare.experiments import read_experiments
from mnist_vae.errors import PipelineError
from mnist_vae.study.plan import FOLDER, Study
from mnist_vae.study.rows import AGAIN, CHOOSING, FOUND, RUN, Row, load_rows, save_rows
from mnist_vae.study.running import figures_of
from mnist_vae.sweeps.base import Base, Point, find_base, refuse_changes
from mnist_vae.sweeps.worker import experiment_in_clone

SHARE = 10  # one row in so many


def run_again(root: Path, study: Study) -> int:
    """A tenth of the rows that were not yet run again, drawn at random, on the last commit; returns
    the exit status, 1 if a figure differs. Raises PipelineError."""
    base = find_base(root)
    refuse_changes(base, but=FOLDER.as_posix())
    rows = load_rows(study.path)
    done = sum(bool(row[AGAIN]) for row in rows)
    fresh = [row for row in rows if not row[AGAIN]]
    chosen = random.SystemRandom().sample(fresh, max(0, -(-len(rows) // SHARE) - done))
    print(
        f"{study.path}: {done} of {len(rows)} rows were run again; {len(chosen)} to do", flush=True
    )
    equal = True
    for row in chosen:
        odd = differences(base, row)
        equal &= not odd
        note = f"differs at {base.head[:7]}: {'; '.join(odd)}" if odd else base.head[:7]
        now = load_rows(study.path)  # which another process may have added to
        save_rows(study.path, [r | {AGAIN: note} if r[RUN] == row[RUN] else r for r in now])
        print(f"{row[RUN]}: {note if odd else 'equal'}", flush=True)
    return int(not equal)


def differences(base: Base, row: Row) -> list[str]:
    """Of the figures of a run in a clone with an empty cache. Raises PipelineError if it fails."""
    folder = base.folder / "again"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder) as clone,
        tempfile.TemporaryDirectory(prefix="again-") as site,
    ):
        root = base.clone_into(Path(clone))
        own = base._replace(root=root, cache=root / ".dvc" / "cache")
        (root / ".dvc" / "config.local").write_text(f"[cache]\n    dir = {own.cache}\n")
        command, env = experiment_in_clone(base, Point("again", row[RUN].split()), site)
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:]
            raise PipelineError(f"{row[RUN]}: dvc ended with {done.returncode}: {' '.join(last)}")
        (run,) = read_experiments(root, {"again"}, base.head)
        found = figures_of(own, run)
    wanted = {key: row[key] for key in (*CHOOSING, *FOUND) if row[key]}
    return [f"{key} {found.get(key)!r}" for key in wanted if repr(found.get(key)) != wanted[key]]
