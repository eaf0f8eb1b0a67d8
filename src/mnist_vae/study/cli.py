"""`python study.py grid`: run what docs/results/grid.csv lacks of docs/results/plan.yaml.

Each run becomes a DVC experiment and a row; interrupt it, and the same command goes on, also on
another machine. `--again` runs a tenth of the rows again, drawn at random, from nothing, and notes
whether their figures are equal. `python study.py tables` makes the tables of README and docs.
"""

import argparse
from pathlib import Path

from mnist_vae.study.pages import fill_pages
from mnist_vae.study.plan import load_plan
from mnist_vae.study.repetition import run_again
from mnist_vae.study.running import run_missing
from mnist_vae.sweeps.cli import positive


def main(root: Path) -> int:
    """Returns the exit status. Raises PipelineError."""
    plan = load_plan()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=[*plan, "tables"])
    parser.add_argument(
        "--jobs", type=positive, metavar="N", help="at once; default: one a free core"
    )
    parser.add_argument("--at-most", type=positive, metavar="N", help="runs, of those to do")
    parser.add_argument("--again", action="store_true", help="run a tenth of the rows again")
    given = parser.parse_args()
    if (given.jobs or given.at_most) and (given.again or given.what == "tables"):
        parser.error("--jobs and --at-most are for runs that a file lacks")
    if given.what == "tables":
        print("\n".join(fill_pages()) or "every table is up to date")
        return 0
    if given.again:
        return run_again(root, plan[given.what])
    return run_missing(root, plan[given.what], given.jobs, given.at_most)
