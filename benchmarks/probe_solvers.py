"""The raw-pixel fit: which solver and dtype reach the optimum of LogisticRegression soonest.

One row per variant: seconds, iterations, the objective per image, and test accuracy.
"""

import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from mnist_vae.analysis.probe import pixel_features
from mnist_vae.files.images import load_images
from mnist_vae.params.loading import load_params

VARIANTS = {
    "lbfgs float64": ("lbfgs", np.float64, 1e-4),
    "lbfgs float32": ("lbfgs", np.float32, 1e-4),
    "lbfgs float32, tol 1e-3": ("lbfgs", np.float32, 1e-3),
    "newton-cg float32": ("newton-cg", np.float32, 1e-4),
    "newton-cg float32, tol 1e-6": ("newton-cg", np.float32, 1e-6),
}


def objective(model: LogisticRegression, x: np.ndarray, labels: np.ndarray) -> float:
    """What scikit-learn minimises, per image, in float64: mean log loss + ||w||^2 / (2 C N)."""
    scores = x.astype(np.float64) @ model.coef_.T.astype(np.float64) + model.intercept_
    scores -= scores.max(axis=1, keepdims=True)
    proba = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    penalty = np.square(model.coef_.astype(np.float64)).sum() / (2 * model.C * len(x))
    return log_loss(labels, proba) + penalty


def compare() -> list[dict[str, object]]:
    rows = []
    data = load_images(Path("data/images.npz"), load_params())
    x, test = pixel_features(data.train_images), pixel_features(data.test_images)
    used = x.any(axis=0)
    for name, (solver, dtype, tol) in VARIANTS.items():
        for columns in ("all", "not constant"):
            chosen = used if columns != "all" else np.ones_like(used)
            features = np.asarray(x[:, chosen], dtype=dtype)
            model = LogisticRegression(C=1.0, solver=solver, tol=tol, max_iter=2000)
            start = time.perf_counter()
            model.fit(features, data.train_labels)
            seconds = time.perf_counter() - start
            value = objective(model, features, data.train_labels)
            accuracy = model.score(test[:, chosen].astype(dtype), data.test_labels)
            rows.append(
                {
                    "solver": name,
                    "columns": columns,
                    "tol": tol,
                    "seconds": seconds,
                    "iterations": int(model.n_iter_.max()),
                    "objective": value,
                    "accuracy": accuracy,
                }
            )
    return rows
