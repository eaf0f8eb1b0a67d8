"""The probe on planted features."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mnist_vae.analysis.probe import ProbeResult, pixel_features, probe
from mnist_vae.params import ClassifyParams

PARAMS = ClassifyParams(C=1.0, max_iter=200)


def planted(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.integers(0, 3, count)
    return 4 * np.eye(3)[labels] + rng.normal(size=(count, 3)), labels


def test_separable_classes_are_found_on_images_not_seen() -> None:
    rng = np.random.default_rng(0)
    result = probe(*planted(rng, 300), *planted(rng, 200), PARAMS)
    assert result.accuracy > 0.95
    assert result.converged
    assert 1 <= result.n_iter < 200
    assert result.metrics.keys() == {"accuracy", "converged"}


def test_the_standard_error_is_that_of_means_of_as_many_draws() -> None:
    draws = np.random.default_rng(0).random((4000, 250)) < 0.9
    result = ProbeResult(0.9, 1, True, np.zeros(250))
    assert result.diagnostics["accuracy_stderr"] == pytest.approx(
        draws.mean(axis=1).std(), rel=0.05
    )


def test_accuracy_is_the_fraction_of_right_predictions() -> None:
    rng = np.random.default_rng(1)
    x, _ = planted(rng, 200)
    labels = rng.integers(0, 3, 200)  # nothing to learn
    result = probe(x, labels, x, labels, PARAMS)
    assert result.accuracy == np.mean(result.predicted == labels)
    assert result.accuracy < 0.6


def test_the_score_is_that_of_the_test_images_alone() -> None:
    rng = np.random.default_rng(2)
    train, (x, labels) = planted(rng, 300), planted(rng, 100)
    assert probe(*train, x, (labels + 1) % 3, PARAMS).accuracy < 0.1


def test_a_fit_cut_short_says_that_it_did_not_converge() -> None:
    rng = np.random.default_rng(3)
    result = probe(*planted(rng, 300), *planted(rng, 10), ClassifyParams(C=1.0, max_iter=1))
    assert not result.converged


def test_features_that_are_always_0_change_nothing() -> None:
    rng = np.random.default_rng(4)
    (train, labels), (test, test_labels) = planted(rng, 300), planted(rng, 100)
    plain = probe(train, labels, test, test_labels, PARAMS)
    padded_train = np.column_stack([np.zeros(300), train])
    padded_test = np.column_stack([np.full(100, 1e6), test])
    padded = probe(padded_train, labels, padded_test, test_labels, PARAMS)
    assert np.array_equal(padded.predicted, plain.predicted)


def test_the_optimum_is_that_of_lbfgs() -> None:
    rng = np.random.default_rng(5)
    (train, labels), (test, test_labels) = planted(rng, 300), planted(rng, 500)
    reference = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000).fit(train, labels)
    result = probe(train, labels, test, test_labels, PARAMS)
    assert np.mean(result.predicted == reference.predict(test)) > 0.99


def test_a_fit_whose_line_search_fails_says_that_it_did_not_converge() -> None:
    x, labels = planted(np.random.default_rng(0), 300)
    far = (x + np.array([2000, -3000, 0])).astype(np.float32)
    result = probe(far, labels, far, labels, PARAMS)
    assert result.n_iter < PARAMS.max_iter
    assert not result.converged


def test_pixel_features_are_flat_and_in_0_to_1() -> None:
    images = np.zeros((2, 28, 28), dtype=np.uint8)
    images[1, 0, 1] = 255
    features = pixel_features(images)
    assert features.shape == (2, 784)
    assert features[1, 1] == pytest.approx(1.0)
    assert features.sum() == pytest.approx(1.0)
