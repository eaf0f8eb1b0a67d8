"""Run rows again, with nothing of what their first run left, and compare to the last digit."""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from mnist_vae.compare.experiments import read_commits
from mnist_vae.errors import PipelineError
from mnist_vae.git import git
from mnist_vae.study.plan import FOLDER, Study
from mnist_vae.study.rows import AGAIN, CHOOSING, FOUND, RUN, Row, load_rows, save_rows
from mnist_vae.sweeps.base import Base, find_base, refuse_changes
from mnist_vae.sweeps.worker import mirrors

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
    for row in chosen:
        odd = differences(base, row)
        row[AGAIN] = f"differs at {base.head[:7]}: {'; '.join(odd)}" if odd else base.head[:7]
        save_rows(study.path, rows)
        print(f"{row[RUN]}: {row[AGAIN] if odd else 'equal'}", flush=True)
    return int(any("differs" in row[AGAIN] for row in rows))


def differences(base: Base, row: Row) -> list[str]:
    """Of the metrics of a run in an empty clone. Raises PipelineError if it fails."""
    folder = base.folder / "again"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as clone:
        root = base.clone_into(Path(clone))
        command = [sys.executable, "-m", "dvc", "exp", "run", "--name", "again"]
        command += [word for value in row[RUN].split() for word in ("-S", value)]
        path = [os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
        env = base.environment() | mirrors(base.root) | {"PATH": os.pathsep.join(path)}
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:]
            raise PipelineError(f"{row[RUN]}: dvc ended with {done.returncode}: {' '.join(last)}")
        commit = git("rev-parse", base.ref("again"), folder=root)
        (run,) = read_commits(root, {"again": commit})
    return [
        f"{key} {run.metrics[key]!r}"
        for key in (*CHOOSING, *FOUND)
        if row[key] and key in run.metrics and repr(run.metrics[key]) != row[key]
    ]
