"""What LogisticRegression took test images for: a matrix or, of many classes, a list."""

from html import escape

import numpy as np

from mnist_vae.page.loaded_run import Run

MATRIX_CLASSES = 60  # in a matrix, at most
ROOMY_CLASSES = 12  # in one whose columns have room for names that lie flat
SHORT = 2  # letters of a name that fits above a column on a phone
LISTED = 30


def confusions(run: Run) -> dict[str, str]:
    """The parts of the page, of all test images: a note, and a table for the classifier of z_mean
    and one for that of the pixels."""
    classes, noun = len(run.dataset.class_names), escape(run.dataset.class_noun)
    note = f"Rows are the true {noun}, columns the predicted one."
    if classes > MATRIX_CLASSES:
        note = (
            f"A matrix of {classes:,} classes could not be read, so each table has the most "
            f"frequent ways, {LISTED} at most."
        )
    tables = table(run, "z_mean", "predicted", run.predicted)
    tables += table(run, "the raw pixels", "pixelsPredicted", run.pixels_predicted)
    return {"note": note, "tables": tables}


def table(run: Run, features: str, name: str, predicted: np.ndarray) -> str:
    """Of the classifier of `features`, whose answers the page holds under `name`."""
    classes = len(run.dataset.class_names)
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (run.labels, predicted), 1)
    if classes > MATRIX_CLASSES:
        kind, rows = "list", list_rows(run, counts)
    else:
        named = max(map(len, run.dataset.class_names)) > SHORT
        kind = f"matrix{' named' * named}{' dense' * (classes > ROOMY_CLASSES)}"
        rows = matrix_rows(run, counts)
    return (
        f'<div><h3>On {features}</h3><p class="small">{total(counts, run.dataset.class_noun)}</p>'
        f'<div class="scroll" role="region" aria-label="Confusions on {features}" tabindex="0">'
        f'<table class="confusion {kind}" data-by="{name}" data-on="on {features}">{rows}</table>'
        "</div></div>"
    )


def matrix_rows(run: Run, counts: np.ndarray) -> str:
    """A row for each class, a column for what it was taken for."""
    names = [escape(name) for name in run.dataset.class_names]
    head = "".join(
        f'<th scope="col" title="{name}"><span class="name">{name}</span></th>' for name in names
    )
    body = ""
    for label, name in enumerate(names):
        cells = "".join(cell(counts, label, other) for other in range(len(names)))
        header = f'<th scope="row" title="{name}"><span class="name">{name}</span></th>'
        body += f"<tr>{header}{cells}</tr>"
    return f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody>"


def list_rows(run: Run, counts: np.ndarray) -> str:
    """A row for each of the most frequent confusions."""
    names = [escape(name) for name in run.dataset.class_names]
    wrong = without_diagonal(counts)
    order = np.argsort(-wrong, axis=None, kind="stable")[: min(LISTED, np.count_nonzero(wrong))]
    columns = (f"True {escape(run.dataset.class_noun)}", "Taken for", "Images", "Of its images")
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    body = ""
    for label, other in zip(*np.unravel_index(order, wrong.shape), strict=True):
        share = counts[label, other] / counts[label].sum()
        header = f'<th scope="row">{names[label]}</th><th scope="row">{names[other]}</th>'
        body += f"<tr>{header}{cell(counts, label, other)}<td>{share:.0%}</td></tr>"
    return f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"


def total(counts: np.ndarray, noun: str) -> str:
    wrong = without_diagonal(counts)
    return (
        f"{wrong.sum():,} of all {counts.sum():,} test images are taken for another "
        f"{escape(noun)}, in {np.count_nonzero(wrong):,} ways."
    )


def without_diagonal(counts: np.ndarray) -> np.ndarray:
    """The images that were taken for another class."""
    return counts - np.diag(np.diag(counts))


def cell(counts: np.ndarray, label: int, other: int) -> str:
    share = counts[label, other] / max(counts[label].sum(), 1)
    right = " class=right" if label == other else ""
    of = f'data-actual="{label}" data-predicted="{other}" style="--share: {share:.3f}"{right}'
    return f"<td {of}>{counts[label, other]}</td>"
