"""`python sweep.py -S latent_dim=1,2,4,8 -S seed=0,1,2`: a grid of experiments.

Each combination of values becomes a DVC experiment on top of the last commit, named by them. Run
the same command again, and it runs only the points that are missing or failed.
"""

import argparse
import shlex
import sys
from collections import Counter
from pathlib import Path

from mnist_vae.machine.load import free_now
from mnist_vae.sweeps.base import Base, Point, find_base, make_plan, refuse_changes
from mnist_vae.sweeps.local import run_here
from mnist_vae.sweeps.points import expand, validate
from mnist_vae.sweeps.slurm import check_size, submit
from mnist_vae.sweeps.status import clear, states


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("-S", "--set-param", action="append", required=True, metavar="KEY=V1,V2,...")
    add("--cluster", choices=["local", "slurm"], default="local")
    add("--jobs", type=positive, metavar="N", help="at once; default: one a free core")
    add("--sbatch", default="", metavar="OPTIONS", help='"--partition=short --time=00:20:00"')
    add("--points-per-job", type=positive, default=1, metavar="M", help="run in turn by each job")
    add("--status", action="store_true", help="run nothing; show the state of each point")
    given = sys.argv[1:]
    if "--sbatch" in given[:-1]:  # its value opens with --, which argparse would take for an option
        at = given.index("--sbatch")
        given[at : at + 2] = ["=".join(given[at : at + 2])]
    return parser.parse_args(given)


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return int(text)


def main(root: Path) -> int:
    """Returns the exit status, 1 if a point failed. Raises PipelineError."""
    options = parse()
    points, base = expand(options.set_param), find_base(root)
    if not options.status:
        refuse_changes(base)
        threads, found = validate(points), states(base, points)
        clear(base, points, found)
        todo = [point for point in points if found[point.name].to_run]
        busy = [point for point in points if found[point.name].runs_elsewhere]
        also = f", {len(busy)} under way" if busy else ""
        print(f"{len(points)} points, {len(todo)} to run{also}", flush=True)
        if options.cluster == "local":
            todo += busy  # last, for their new workers wait until the old ones have ended
        if todo:
            run(base, todo, threads, options)
    return report(base, points, options.status)


def run(base: Base, points: list[Point], threads: int, options: argparse.Namespace) -> None:
    """Raises PipelineError."""
    plan, alone = make_plan(base, points, options.points_per_job), not base.done()
    if options.cluster == "slurm":
        check_size(len(plan.tasks))
    path = plan.save(options.cluster)
    if options.cluster == "slurm":
        given = [f"--cpus-per-task={threads}", *shlex.split(options.sbatch)]
        ids = submit(path, base.tool(), len(plan.tasks), alone, options.jobs, given)
        print(f"submitted as {', '.join(ids)}; --status shows their progress")
        return
    run_here(plan, path, alone, options.jobs or free_now())


def report(base: Base, points: list[Point], all_of_them: bool) -> int:
    """Print how far the points are, and compare them once all are done."""
    found = states(base, points)
    for name, state in found.items():
        if all_of_them:
            print(f"{state.kind:7}  {name}  {state.note}".rstrip())
    counts = Counter(state.kind for state in found.values())
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    if set(counts) == {"done"}:
        from mnist_vae.compare.cli import compare_all  # matplotlib takes a second to load

        compare_all(base.root, found.keys(), base.head)
    return int(counts["failed"] > 0)
