"""Slurm's own commands: job arrays do the work."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from mnist_vae.errors import PipelineError, WrongInputError

# A killed job is requeued and resumes; a minute before the time limit, the worker requeues itself.
REQUEUED = ["--requeue", "--open-mode=append", "--signal=B:USR1@60"]


def slurm(*command: str) -> str:
    """What `command` prints. Raises PipelineError with Slurm's refusal."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise PipelineError(f"there is no Slurm here: {command[0]} is not on PATH") from None
    if done.returncode:
        raise PipelineError("; ".join(done.stderr.splitlines()) or f"{command[0]} failed")
    return done.stdout.strip()


def queue(names: Iterable[str]) -> list[list[str]]:
    """This user's jobs of these names: `12_3`, the name, RUNNING or another state, and Slurm's
    reason for it. Raises PipelineError."""
    chosen = ["--me", f"--name={','.join(names)}"]
    rows = slurm("squeue", *chosen, "--array", "--noheader", "--format=%F_%K %j %T %r")
    return [line.split(maxsplit=3) for line in rows.splitlines()]


def check_size(tasks: int) -> None:
    """Raises PipelineError if Slurm is not there, or its arrays do not hold so many."""
    most = re.search(r"MaxArraySize\s*=\s*(\d+)", slurm("scontrol", "show", "config"))
    if most and tasks > int(most[1]):
        raise WrongInputError(
            f"{tasks} jobs do not fit into one Slurm array, which holds {most[1]}: "
            f"use --points-per-job {-(-tasks // (int(most[1]) - 1))}"
        )


def submit(
    plan: Path, tool: Path, tasks: int, alone: bool, jobs: int | None, options: list[str]
) -> list[str]:
    """Queue the tasks of `plan`, `jobs` at once; if the first is to run `alone`, the others wait
    for its end. Returns the ids of the jobs. Raises PipelineError.
    """
    line = shlex.join([sys.executable, str(tool), "--worker", str(plan)])
    output = str(plan.with_suffix("")).replace("%", "%%") + "-%a.out"
    fixed = [f"--job-name={plan.stem}", f"--output={output}"]
    fixed += [f"--wrap=exec {line} $SLURM_ARRAY_TASK_ID"]
    command = ["sbatch", "--parsable", *REQUEUED, *options, *fixed]
    ids: list[str] = []
    try:
        if alone:
            ids.append(slurm(*command, "--array=0"))
        if tasks > len(ids):
            array = f"--array={len(ids)}-{tasks - 1}" + (f"%{jobs}" if jobs else "")
            ids.append(slurm(*command, array, *(f"--dependency=afterany:{job}" for job in ids)))
    except PipelineError as error:
        if ids:
            raise PipelineError(f"{error} (but the first point is queued as {ids[0]})") from None
        plan.unlink()
        raise
    return ids
