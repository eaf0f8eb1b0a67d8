"""Adam (Kingma & Ba 2015) with its state as plain tensors."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor


def overwrite(tensors: Iterable[Tensor], values: Iterable[Tensor]) -> None:
    """Copy in place, because recordings keep references to the tensors."""
    with torch.no_grad():
        for tensor, value in zip(tensors, values, strict=True):
            tensor.copy_(value)


@contextmanager
def restored(tensors: Sequence[Tensor]) -> Iterator[None]:
    """Give `tensors` back the values that they had on entry."""
    before = [tensor.detach().clone() for tensor in tensors]
    try:
        yield
    finally:
        overwrite(tensors, before)


class Adam:
    """torch's fused Adam with its defaults (betas 0.9 and 0.999, eps 1e-8). With a
    `max_grad_norm` above 0, a longer gradient of all parameters is scaled down to it (Pascanu,
    Mikolov & Bengio 2013).

    torch.optim.Adam calls the same kernel, but counts the steps of each parameter anew and keeps
    gradients between steps, of which a recording would repeat every operation.
    """

    def __init__(self, parameters: Iterable[Tensor], max_grad_norm: float = 0.0) -> None:
        self.parameters, self.max_grad_norm = list(parameters), max_grad_norm
        self.state = {
            "exp_avgs": [torch.zeros_like(p) for p in self.parameters],
            "exp_avg_sqs": [torch.zeros_like(p) for p in self.parameters],
            "steps": [torch.zeros((), device=self.parameters[0].device)],
        }

    def step(self, loss: Tensor, learning_rate: Tensor) -> None:
        """Move the parameters against the gradient of `loss`; it and learning_rate are scalars."""
        gradients = torch.autograd.grad(loss, self.parameters)
        (steps,) = self.state["steps"]
        with torch.no_grad():
            excess = None
            if self.max_grad_norm:
                excess = (global_norm(gradients) / self.max_grad_norm).clamp(min=1)
            torch.ops.aten._fused_adam_(
                self.parameters,
                gradients,
                self.state["exp_avgs"],
                self.state["exp_avg_sqs"],
                [],  # of AMSGrad alone
                [steps.add_(1)] * len(self.parameters),
                lr=learning_rate,
                beta1=0.9,
                beta2=0.999,
                weight_decay=0.0,
                eps=1e-8,
                amsgrad=False,
                maximize=False,
                grad_scale=excess,  # divides
            )


def global_norm(gradients: Iterable[Tensor]) -> Tensor:
    """The Euclidean norm of all of them as one vector, a scalar. Row by row, for the last digits of
    the sum of a large tensor depend on the number of threads."""
    matrices = [
        gradient.reshape(len(gradient), -1) for gradient in map(torch.atleast_1d, gradients)
    ]
    return torch.cat([matrix.square().sum(dim=1) for matrix in matrices]).sum().sqrt()
