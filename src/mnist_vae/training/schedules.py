"""What changes from step to step: the learning rate and the weight of the KL."""

import math

import torch
from torch import Tensor

from mnist_vae.params.schema import ObjectiveParams, TrainParams


def learning_rate_at(step: int, steps: int, params: TrainParams) -> float:
    """The learning rate of step 0 <= step < steps; `linear` and `cosine` end at 0."""
    left = 1 - step / steps
    factor = {
        "constant": 1.0,
        "linear": left,
        "cosine": 0.5 * (1 - math.cos(math.pi * left)),
    }[params.schedule]
    return params.learning_rate * factor


def beta_at(step: int, steps_per_epoch: int, params: ObjectiveParams) -> float:
    """The weight of the KL in step 0, 1, ...: it grows linearly during the warm-up (Bowman et al.
    2016), whose last step has all of it."""
    warm_up = params.warm_up_epochs * steps_per_epoch
    return params.beta * min(1.0, (step + 1) / warm_up) if warm_up else params.beta


def schedules(
    epoch: int, steps: int, train: TrainParams, objective: ObjectiveParams
) -> tuple[Tensor, Tensor]:
    """(learning rates, weights of the KL) of the steps of epoch 1, 2, ..., (steps,) each."""
    numbers = range((epoch - 1) * steps, epoch * steps)
    rates = [learning_rate_at(step, train.epochs * steps, train) for step in numbers]
    betas = [beta_at(step, steps, objective) for step in numbers]
    return torch.tensor(rates), torch.tensor(betas)
