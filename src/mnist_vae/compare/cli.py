"""`python compare.py`: all experiments on the last commit; `python compare.py A B`: two runs.

Without names: a table of means and standard errors over seeds, sweep.png, and the same as a page,
sweep.html. With one or two, which are Git revisions, names of experiments or "workspace" (the
default of B): the difference of their nats on the same test images, image by image.
"""

import argparse
from collections.abc import Collection
from pathlib import Path

from mnist_vae.compare.experiments import read_experiments
from mnist_vae.compare.pairs import SAME_IMAGES, print_pair
from mnist_vae.compare.settings import find_setting, label, settings_of
from mnist_vae.compare.table import make_grid, print_grid, save_table
from mnist_vae.errors import WrongInputError
from mnist_vae.files.io import write_bytes
from mnist_vae.files.png import save_figure

FIGURE, PAGE = Path("sweep.png"), Path("sweep.html")


def main() -> None:
    """Raises PipelineError."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("a", nargs="?")
    parser.add_argument("b", nargs="?", default="workspace")
    parser.add_argument("--baseline", metavar="SETTING", help="adds paired differences")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="every metric of every setting")
    given = parser.parse_args()
    if given.a and (given.baseline or given.csv):
        parser.error("--baseline and --csv are for the comparison of all experiments")
    if given.a:
        print_pair(given.a, given.b)
    else:
        compare_all(Path(), baseline=given.baseline, csv=given.csv)


def compare_all(
    root: Path,
    names: Collection[str] | None = None,
    baseline: str | None = None,
    csv: Path | None = None,
    commit: str = "HEAD",
) -> None:
    """Of the experiments `names`, or all, on `commit`. Raises PipelineError."""
    from mnist_vae.compare.figure import sweep_figure  # matplotlib takes half a second
    from mnist_vae.compare.page import sweep_page

    experiments = read_experiments(root, names, commit)
    if not experiments:
        raise WrongInputError("there is no experiment on the last commit; sweep.py makes some")
    settings = settings_of(experiments)
    base = find_setting(settings, baseline) if baseline else None
    grid = make_grid(settings, base)
    notes = [f"runs: {len(experiments)}; mean ± standard error over seeds"]
    if base:
        notes.append(f"Δ: paired differences from {label(base.values)} over shared seeds")
    if any(key in settings[0].values for key in SAME_IMAGES):
        notes.append("nats of different data sets or likelihoods are not comparable")
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
