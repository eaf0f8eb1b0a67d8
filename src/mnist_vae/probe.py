"""LogisticRegression: fitted on the training images, scored on the test images."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from mnist_vae.params import ClassifyParams


class ProbeResult(NamedTuple):
    """accuracy is a fraction of the test images; predicted holds a digit for each of them."""

    accuracy: float
    n_iter: int
    converged: bool
    predicted: np.ndarray

    @property
    def metrics(self) -> dict[str, float | int | bool]:
        return {"accuracy": self.accuracy, "n_iter": self.n_iter, "converged": self.converged}


def pixel_features(images: np.ndarray) -> np.ndarray:
    """uint8 images (N, 28, 28) -> float32 features (N, 784) in [0, 1]."""
    return images.reshape(len(images), -1).astype(np.float32) / 255


def probe(
    train_features: np.ndarray,
    train_labels: np.ndarray,
    test_features: np.ndarray,
    test_labels: np.ndarray,
    params: ClassifyParams,
    threads: int,
) -> ProbeResult:
    """Multinomial logistic regression on features (N, D). It chooses nothing, so it needs no
    validation set.

    Features that are 0 in every training image are left out: the penalty holds their weights at 0.
    Newton's method reaches the optimum in a third of lbfgs's time (benchmarks/README.md).
    """
    used = train_features.any(axis=0)
    model = LogisticRegression(C=params.C, max_iter=params.max_iter, solver="newton-cg")
    with threadpool_limits(threads), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(train_features[:, used], train_labels)
        predicted = model.predict(test_features[:, used])
    # scikit-learn says by ConvergenceWarning that it stopped at max_iter, and by a plain
    # UserWarning that a line search failed.
    converged = not any(issubclass(w.category, UserWarning) for w in caught)
    accuracy = float((predicted == test_labels).mean())
    return ProbeResult(accuracy, int(model.n_iter_.max()), converged, predicted)
