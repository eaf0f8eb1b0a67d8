"""LogisticRegression: fitted on the training images, scored on the test images."""

import math
import warnings
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from mnist_vae.params.schema import ClassifyParams

# For each image, feature and class, as the raw pixels of MNIST take them (benchmarks/README.md)
SECONDS = 4.2e-8


class ProbeResult(NamedTuple):
    """accuracy is a fraction of the test images; predicted holds a label for each of them."""

    accuracy: float
    n_iter: int
    converged: bool
    predicted: np.ndarray

    @property
    def accuracy_stderr(self) -> float:
        """The binomial standard error: of the choice of test images, not of the seed."""
        return math.sqrt(self.accuracy * (1 - self.accuracy) / len(self.predicted))

    @property
    def diagnostics(self) -> dict[str, float | bool]:
        how = {"n_iter": self.n_iter, "converged": self.converged}
        return {"accuracy_stderr": self.accuracy_stderr, **how}

    def __str__(self) -> str:
        text = f"accuracy {self.accuracy:.4f} +- {self.accuracy_stderr:.4f}"
        warning = "" if self.converged else ", not converged: raise classify.max_iter"
        return f"{text} after {self.n_iter} iterations{warning}"


def pixel_features(images: np.ndarray) -> np.ndarray:
    """uint8 images (N, H, W[, 3]) -> float32 features (N, P) in [0, 1]."""
    return images.reshape(len(images), -1).astype(np.float32) / 255


def warn_of_time(features: np.ndarray, labels: np.ndarray) -> str:
    """A sentence if their fit is likely to take minutes, else nothing."""
    minutes = features.size * (int(labels.max()) + 1) * SECONDS / 60
    return f"this fit may take some {minutes:.0f} minutes" if minutes > 3 else ""


def probe(
    train_features: np.ndarray,
    train_labels: np.ndarray,
    test_features: np.ndarray,
    test_labels: np.ndarray,
    params: ClassifyParams,
    tolerance: float = 1e-6,
) -> ProbeResult:
    """Multinomial logistic regression on features (N, D). It chooses nothing, so it needs no
    validation set.

    Features that are 0 in every training image are left out: the penalty holds their weights at 0.
    The fit stops where no gradient is above `tolerance`: with scikit-learn's 1e-4, up to 3 of 1,000
    images are not where the optimum puts them.

    Newton's method ends closer to the optimum than lbfgs in the same time (benchmarks/README.md).
    """
    used = train_features.any(axis=0)
    options = {"C": params.C, "max_iter": params.max_iter, "tol": tolerance}
    model = LogisticRegression(solver="newton-cg", **options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(train_features[:, used], train_labels)
        predicted = np.asarray(model.predict(test_features[:, used]))
    # scikit-learn reports a stop at max_iter by ConvergenceWarning and a failed line search by a
    # plain UserWarning.
    converged = not any(issubclass(w.category, UserWarning) for w in caught)
    accuracy = float(np.mean(predicted == test_labels))
    return ProbeResult(accuracy, int(model.n_iter_.max()), converged, predicted)
