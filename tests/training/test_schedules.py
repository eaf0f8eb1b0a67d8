"""What changes from step to step."""

import math
from typing import Any

import pytest
import torch
from default_run import params_with

from mnist_vae.params.schema import ObjectiveParams, TrainParams
from mnist_vae.training.schedules import beta_at, learning_rate_at, schedules


def train_params(**changes: Any) -> TrainParams:
    return params_with().train.model_copy(update={"learning_rate": 0.01, **changes})


@pytest.mark.parametrize(
    ("schedule", "quarter", "halfway", "end"),
    [
        ("constant", 0.01, 0.01, 0.01),
        ("linear", 0.0075, 0.005, 0.0),
        ("cosine", 0.01 * math.cos(math.pi / 8) ** 2, 0.005, 0.0),
    ],
)
def test_the_learning_rate(schedule, quarter, halfway, end) -> None:
    params = train_params(schedule=schedule)
    found = [learning_rate_at(step, 1000, params) for step in (0, 250, 500, 999)]
    assert found == pytest.approx([0.01, quarter, halfway, end], abs=2e-5)


def test_beta_grows_linearly_and_stays() -> None:
    objective = ObjectiveParams(beta=4.0, warm_up_epochs=2, importance_samples=1)
    betas = [beta_at(step, 5, objective) for step in range(12)]
    assert betas == pytest.approx([0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 2.8, 3.2, 3.6, 4.0, 4.0, 4.0])
    objective = ObjectiveParams(beta=0.5, warm_up_epochs=0, importance_samples=1)
    assert {beta_at(step, 5, objective) for step in range(12)} == {0.5}


def test_epochs_continue_each_others_schedules() -> None:
    train = train_params(epochs=3)
    objective = ObjectiveParams(beta=1.0, warm_up_epochs=3, importance_samples=1)
    each = [schedules(epoch, 4, train, objective) for epoch in (1, 2, 3)]
    rates, betas = (torch.cat(part) for part in zip(*each, strict=True))
    torch.testing.assert_close(rates, torch.linspace(0.01, 0.01 / 12, 12))
    torch.testing.assert_close(betas, torch.linspace(1 / 12, 1, 12))
