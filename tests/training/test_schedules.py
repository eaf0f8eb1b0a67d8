"""What changes from step to step."""

import math
from typing import Any

import pytest
import torch
from committed import params_with

from mnist_vae.params import ObjectiveParams, TrainParams
from mnist_vae.training.schedules import beta_at, learning_rate_at, schedules


def train_params(**changes: Any) -> TrainParams:
    return params_with().train.model_copy(update={"learning_rate": 0.01, **changes})


@pytest.mark.parametrize(
    ("schedule", "halfway", "end"),
    [("constant", 0.01, 0.01), ("linear", 0.005, 0.0), ("cosine", 0.005, 0.0)],
)
def test_schedules(schedule, halfway, end) -> None:
    params = train_params(schedule=schedule)
    assert learning_rate_at(0, 1000, params) == pytest.approx(0.01)
    assert learning_rate_at(500, 1000, params) == pytest.approx(halfway)
    assert learning_rate_at(999, 1000, params) == pytest.approx(end, abs=2e-5)


def test_the_cosine_falls_slowly_at_both_ends() -> None:
    params = train_params(schedule="cosine", learning_rate=1.0)
    assert learning_rate_at(250, 1000, params) == pytest.approx(math.cos(math.pi / 8) ** 2)
    assert learning_rate_at(750, 1000, params) == pytest.approx(math.sin(math.pi / 8) ** 2)


def test_beta_grows_linearly_and_stays() -> None:
    objective = ObjectiveParams(beta=4.0, warm_up_epochs=2, importance_samples=1)
    betas = [beta_at(step, 5, objective) for step in range(12)]
    assert betas == pytest.approx([0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 2.8, 3.2, 3.6, 4.0, 4.0, 4.0])


def test_without_a_warm_up_beta_is_there_from_the_first_step() -> None:
    objective = ObjectiveParams(beta=0.5, warm_up_epochs=0, importance_samples=1)
    assert {beta_at(step, 5, objective) for step in range(12)} == {0.5}


def test_epochs_continue_each_others_schedules() -> None:
    train = train_params(epochs=3)
    objective = ObjectiveParams(beta=1.0, warm_up_epochs=3, importance_samples=1)
    each = [schedules(epoch, 4, train, objective) for epoch in (1, 2, 3)]
    rates, betas = (torch.cat(part) for part in zip(*each, strict=True))
    torch.testing.assert_close(rates, torch.linspace(0.01, 0.01 / 12, 12))
    torch.testing.assert_close(betas, torch.linspace(1 / 12, 1, 12))
