"""`python compare.py`: all experiments on the last commit; `python compare.py A B`: two runs.

Without names: a line for each experiment, or, where there are several seeds, the mean and standard
error of each setting; sweep.png, and the same as a page, sweep.html. With one or two, which are Git
revisions, names of experiments or "workspace" (the default of B): what differs between them, and
the difference of their nats on the same test images, image by image.
"""

import argparse
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from mnist_vae.compare.experiments import Experiment, read_experiments
from mnist_vae.compare.pairs import print_pair
from mnist_vae.compare.settings import edited_code, find_setting, label, same_pixels, settings_of
from mnist_vae.compare.table import print_grid, runs_grid, save_table, settings_grid
from mnist_vae.compare.unfinished import unfinished
from mnist_vae.errors import WrongInputError
from mnist_vae.files.io import write_bytes
from mnist_vae.files.png import save_figure
from mnist_vae.git import GitError, commits_with_experiments, git

FIGURE, PAGE = Path("sweep.png"), Path("sweep.html")


def main() -> None:
    """Raises PipelineError."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("a", nargs="?")
    parser.add_argument("b", nargs="?", default="workspace")
    parser.add_argument("--baseline", metavar="SETTING", help="adds paired differences")
    parser.add_argument("--runs", action="store_true", help="a line for each run")
    parser.add_argument("--commit", metavar="REV", help="the experiments on another commit")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="every metric of every setting")
    given = parser.parse_args()
    if given.a and (given.baseline or given.csv or given.runs or given.commit):
        parser.error("options are for the comparison of all experiments")
    if given.a:
        print_pair(given.a, given.b)
    else:
        chosen = given.baseline, given.runs, given.csv
        compare_all(Path(), None, given.commit or "HEAD", *chosen)


def compare_all(
    root: Path,
    names: Collection[str] | None,
    commit: str,
    baseline: str | None = None,
    runs: bool = False,
    csv: Path | None = None,
) -> None:
    """Of the experiments `names`, or all, on `commit`. Raises PipelineError."""
    from mnist_vae.compare.figure import sweep_figure  # matplotlib takes half a second
    from mnist_vae.compare.page import sweep_page

    experiments = read_experiments(root, names, commit)
    if not experiments:
        raise WrongInputError(f"there is no experiment on {commit}; {elsewhere(root)}")
    settings = settings_of(experiments)
    base = find_setting(settings, baseline) if baseline else None
    seeds = max(len(setting.runs) for setting in settings)
    by_run = runs or (seeds == 1 and not base)
    left: dict[str, str] = {}
    if names is None:
        found = {run.name for run in experiments}
        states = unfinished(root, git("rev-parse", "--verify", commit, folder=root))
        left = {name: state for name, state in states.items() if name not in found}
    grid = runs_grid(experiments, left) if by_run else settings_grid(settings, base)
    notes = [f"runs: {len(experiments)}", *notes_on(experiments)]
    if left:
        counts = ", ".join(f"{n} {state}" for state, n in Counter(left.values()).items())
        notes.append(f"without a result: {counts} (`dvc queue status`, `sweep.py --status`)")
    if not by_run:
        notes[0] += "; mean ± standard error over seeds; --runs shows each"
    if base:
        notes.append(f"Δ: paired differences from {label(base.values)} over shared seeds")
    print_grid(grid)
    print("\n".join(notes))
    if csv:
        save_table(csv, settings)
    figure = sweep_figure(settings)
    save_figure(root / FIGURE, figure)
    write_bytes(
        root / PAGE, sweep_page("Comparison of experiments", "; ".join(notes), figure, grid)
    )
    print(f"{FIGURE} and {PAGE} show the same")


def notes_on(experiments: Sequence[Experiment]) -> list[str]:
    """What keeps some of them from being compared as they stand."""
    notes = []
    if edited := edited_code(experiments):
        notes.append(f"the code or the data set differs: {', '.join(edited)}")
    if any(run.not_run for run in experiments):
        notes.append("not run: with a target, DVC leaves the metrics of later stages as they were")
    if not all(same_pixels(experiments[0], run) for run in experiments):
        notes.append("nats of different images or likelihoods are not comparable")
    return notes


def elsewhere(root: Path) -> str:
    """Where there are some, or how to make them."""
    for commit, count in commits_with_experiments(root).items():
        try:
            title = git("log", "-1", "--format=%h (%s)", commit, folder=root)
        except GitError:  # the experiments outlived their commit
            continue
        return f"the newest that has some, {count}, is {title}: --commit {commit[:7]}"
    return "`dvc exp run -S latent_dim=8` makes one"
