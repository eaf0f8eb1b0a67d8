"""Active units, the dimensions with the largest KL, and the plane, on planted cases."""

import numpy as np
import pytest

from mnist_vae.latents import active_units, first_of_each_digit, largest_dims, plane

LABELS = np.zeros(4, dtype=np.uint8)


def test_active_units_counts_variances_above_a_hundredth() -> None:
    column = np.array([-1.0, 1.0, -1.0, 1.0])  # variance 1
    z_mean = np.column_stack([column, 0.11 * column, 0.09 * column, np.ones(4)])
    assert active_units(z_mean.astype(np.float32)) == 2


@pytest.mark.parametrize(
    ("kl", "dims"), [([3.0], [0]), ([1.0, 2.0], [0, 1]), ([0.1, 5.0, 0.2, 7.0], [1, 3])]
)
def test_largest_dims(kl, dims) -> None:
    assert largest_dims(np.array(kl)) == dims


def test_one_dimension_lies_at_the_height_of_its_digit() -> None:
    z_mean = np.array([[0.5], [-1.5]], dtype=np.float32)
    drawn = plane(z_mean, z_mean, np.array([3, 8], dtype=np.uint8), threads=1)
    assert drawn.points.tolist() == [[0.5, 3.0], [-1.5, 8.0]]
    assert drawn.axes == ("z_1", "digit")
    assert drawn.explained is None


def test_two_dimensions_are_drawn_as_they_are() -> None:
    z_mean = np.arange(8, dtype=np.float32).reshape(4, 2)
    drawn = plane(z_mean, z_mean, LABELS, threads=1)
    assert np.array_equal(drawn.points, z_mean)
    assert drawn.axes == ("z_1", "z_2")
    assert drawn.explained is None


def test_more_dimensions_are_drawn_on_the_principal_components_of_the_training_images() -> None:
    rng = np.random.default_rng(0)
    train = rng.standard_normal((500, 5)) * np.array([0.1, 4.0, 0.2, 0.3, 2.0])
    test = rng.standard_normal((20, 5))
    drawn = plane(train, test, LABELS, threads=1)
    values, vectors = np.linalg.eigh(np.cov(train.T))
    expected = (test - train.mean(axis=0)) @ vectors[:, [-1, -2]]
    np.testing.assert_allclose(np.abs(drawn.points), np.abs(expected), rtol=1e-6)
    assert drawn.explained == pytest.approx((values[-1] / values.sum(), values[-2] / values.sum()))
    assert drawn.axes == ("first principal component", "second principal component")


def test_a_collapsed_posterior_still_has_a_plane() -> None:
    with np.errstate(invalid="ignore"):
        drawn = plane(np.zeros((4, 3)), np.zeros((4, 3)), LABELS, threads=1)
    assert np.isfinite(drawn.points).all()
    assert drawn.explained == (0.0, 0.0)


def test_first_of_each_digit() -> None:
    labels = np.array([5, *range(10), *range(10), *range(10)], dtype=np.uint8)
    index = first_of_each_digit(labels)
    assert index.shape == (2, 10)
    assert np.array_equal(labels[index], np.tile(np.arange(10), (2, 1)))
    assert index[:, 5].tolist() == [0, 6]
