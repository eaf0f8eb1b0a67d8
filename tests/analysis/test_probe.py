"""The probe on planted features."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mnist_vae.analysis.probe import ProbeResult, pixel_features, probe
from mnist_vae.params.schema import ClassifyParams

PARAMS = ClassifyParams(C=1.0, max_iter=200)


def planted(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.integers(0, 3, count)
    return 4 * np.eye(3)[labels] + rng.normal(size=(count, 3)), labels


def test_classes_are_found_on_images_not_seen_by_the_optimum_of_lbfgs() -> None:
    rng = np.random.default_rng(0)
    train, (x, labels) = planted(rng, 300), planted(rng, 500)
    result = probe(*train, x, labels, PARAMS)
    assert result.accuracy == np.mean(result.predicted == labels) > 0.95
    reference = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(*train)
    assert np.array_equal(result.predicted, reference.predict(x))
    assert result.diagnostics["converged"] is True
    assert str(result).startswith(f"accuracy {result.accuracy:.4f} +- ")
    assert str(result).endswith(f" after {result.n_iter} iterations")


def test_the_standard_error_is_that_of_means_of_as_many_draws() -> None:
    draws = np.random.default_rng(0).random((4000, 250)) < 0.9
    diagnostics = ProbeResult(0.9, 1, True, np.zeros(250)).diagnostics
    assert diagnostics["accuracy_stderr"] == pytest.approx(draws.mean(axis=1).std(), rel=0.05)


def test_a_fit_cut_short_or_whose_line_search_fails_says_that_it_did_not_converge() -> None:
    x, labels = planted(np.random.default_rng(0), 300)
    cut = probe(x, labels, x, labels, ClassifyParams(C=1.0, max_iter=1))
    far = (x + np.array([2000, -3000, 0])).astype(np.float32)
    failed = probe(far, labels, far, labels, PARAMS)
    assert failed.n_iter < PARAMS.max_iter
    for result in (cut, failed):
        assert result.diagnostics["converged"] is False
        assert str(result).endswith(", not converged: raise classify.max_iter")


def test_features_that_are_always_0_change_nothing() -> None:
    rng = np.random.default_rng(4)
    (train, labels), (test, test_labels) = planted(rng, 300), planted(rng, 100)
    plain = probe(train, labels, test, test_labels, PARAMS)
    padded_train = np.column_stack([np.zeros(300), train])
    padded_test = np.column_stack([np.full(100, 1e6), test])
    padded = probe(padded_train, labels, padded_test, test_labels, PARAMS)
    assert np.array_equal(padded.predicted, plain.predicted)


def test_pixel_features_are_flat_and_in_0_to_1() -> None:
    images = np.zeros((2, 28, 28), dtype=np.uint8)
    images[1, 0, 1] = 255
    features = pixel_features(images)
    assert features.shape == (2, 784)
    assert features[1, 1] == features.sum() == pytest.approx(1.0)
