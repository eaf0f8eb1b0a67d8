"""Active units, the dimensions with the largest KL, and the planes, on planted cases."""

import numpy as np
import pytest

from mnist_vae.analysis.latents import (
    by_kl,
    class_means,
    first_of_each_class,
    is_active,
    some_classes,
)
from mnist_vae.analysis.planes import planes

LABELS = np.zeros(4, dtype=np.uint8)


def test_a_dimension_is_active_whose_variance_is_above_a_hundredth() -> None:
    column = np.array([-1.0, 1.0, -1.0, 1.0])  # variance 1
    z_mean = np.column_stack([column, 0.11 * column, 0.09 * column, np.ones(4)])
    assert is_active(z_mean.astype(np.float32)).tolist() == [True, True, False, False]


def test_the_dimensions_of_largest_kl_come_first() -> None:
    assert by_kl(np.array([0.1, 5.0, 0.2, 7.0]), 2) == [3, 1]
    assert by_kl(np.array([3.0]), 2) == [0]


def test_one_dimension_lies_at_the_height_of_its_class_and_two_as_they_are() -> None:
    z_mean, labels = np.array([[0.5], [-1.5]], dtype=np.float32), np.array([3, 8], dtype=np.uint8)
    (drawn,) = planes(z_mean, labels, z_mean, labels)
    assert drawn.points.tolist() == [[0.5, 3.0], [-1.5, 8.0]]
    assert drawn.axes == ("z_1", "class")
    z_mean = np.arange(8, dtype=np.float32).reshape(4, 2)
    (drawn,) = planes(z_mean, LABELS, z_mean, LABELS)
    assert np.array_equal(drawn.points, z_mean)
    assert drawn.axes == ("z_1", "z_2")


def planted_classes(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Three classes that differ in the two dimensions of least variance out of five."""
    labels = rng.integers(0, 3, count).astype(np.uint8)
    means = np.zeros((3, 5))
    means[1, 0] = means[2, 2] = 1.0
    return means[labels] + rng.standard_normal((count, 5)) * [0.1, 4.0, 0.2, 1.0, 2.0], labels


def test_more_dimensions_are_drawn_on_the_principal_components_of_the_training_images() -> None:
    rng = np.random.default_rng(0)
    (train, train_labels), (test, labels) = planted_classes(rng, 500), planted_classes(rng, 20)
    drawn = planes(train, train_labels, test, labels)[0]
    values, vectors = np.linalg.eigh(np.cov(train.T))
    expected = (test - train.mean(axis=0)) @ vectors[:, [-1, -2]]
    np.testing.assert_allclose(np.abs(drawn.points), np.abs(expected), rtol=1e-6)
    first, second = values[[-1, -2]] / values.sum()
    assert drawn.axes == (f"first component ({first:.0%})", f"second component ({second:.0%})")
    assert f"{first + second:.0%} of the variance\nof the training images' codes" in drawn.basis


def test_and_on_the_plane_that_separates_the_classes_which_the_components_miss() -> None:
    """An independent oracle: the share of test images nearest to the mean of their own class."""
    rng = np.random.default_rng(1)
    (train, train_labels), (test, labels) = planted_classes(rng, 2000), planted_classes(rng, 500)

    def right(points: np.ndarray) -> float:
        means = np.array([points[labels == label].mean(axis=0) for label in range(3)])
        nearest = np.linalg.norm(points[:, None] - means, axis=2).argmin(axis=1)
        return np.mean(nearest == labels)

    components, discriminants = planes(train, train_labels, test, labels)
    assert right(components.points) < 0.6
    assert right(discriminants.points) > 0.95


def test_a_collapsed_posterior_still_has_a_plane() -> None:
    with np.errstate(invalid="ignore"):
        (drawn,) = planes(np.zeros((4, 3)), LABELS, np.zeros((4, 3)), LABELS)
    assert np.isfinite(drawn.points).all()
    assert drawn.axes == ("first component (0%)", "second component (0%)")


def test_a_single_active_dimension_is_the_first_discriminant() -> None:
    z_mean = np.zeros((40, 3))
    z_mean[:, 1] = np.random.default_rng(0).normal(size=40)
    labels = np.arange(40) % 2
    points = planes(z_mean, labels, z_mean, labels)[1].points
    assert abs(np.corrcoef(points[:, 0], z_mean[:, 1])[0, 1]) > 0.999
    assert not points[:, 1].any()


def test_two_classes_have_one_discriminant_and_the_widest_direction_beside_it() -> None:
    """Planted: z_1 tells the classes apart, z_3 varies most, and what is drawn is a rotation."""
    rng, labels = np.random.default_rng(0), np.arange(2000) % 2
    z_mean = rng.normal(size=(2000, 3)) * [1, 1, 9]
    z_mean[:, 0] += 20 * labels
    plane = planes(z_mean, labels, z_mean, labels)[1]
    assert abs(np.corrcoef(plane.points[:, 0], z_mean[:, 0])[0, 1]) > 0.999
    assert abs(np.corrcoef(plane.points[:, 1], z_mean[:, 2])[0, 1]) > 0.999
    assert plane.points[:, 1].std() == pytest.approx(9, rel=0.05)


def test_256_classes_have_256_means() -> None:
    """Their labels are uint8, in which 255 + 1 is 0."""
    labels = np.repeat(np.arange(256), 2).astype(np.uint8)
    assert class_means(labels[:, None].astype(float), labels).ravel().tolist() == list(range(256))


def test_some_of_many_classes_are_spread_from_the_first_to_the_last() -> None:
    assert some_classes(4, at_most=10).tolist() == [0, 1, 2, 3]
    assert some_classes(26, at_most=10).tolist() == [0, 3, 6, 8, 11, 14, 17, 19, 22, 25]


def test_the_mean_of_each_class_and_its_first_two_images() -> None:
    z_mean = np.column_stack([np.arange(20.0), np.ones(20)])
    means = class_means(z_mean, np.arange(20) % 10)
    assert means.tolist() == [[5.0 + label, 1.0] for label in range(10)]
    labels = np.array([5, *range(10), *range(10)], dtype=np.uint8)
    index = first_of_each_class(labels, some_classes(10, at_most=10))
    assert np.array_equal(labels[index], np.tile(np.arange(10), (2, 1)))
    assert index[:, 5].tolist() == [0, 6]
