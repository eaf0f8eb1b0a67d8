"""Adam against torch's own class, to the bit."""

import torch

from mnist_vae.training.adam import Adam


def test_steps_are_those_of_torch_optim_adam() -> None:
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(5, 3, generator=generator), torch.randn(3, generator=generator)]
    ours = [p.clone().requires_grad_() for p in start]
    theirs = [p.clone().requires_grad_() for p in start]
    optimiser, reference = Adam(ours), torch.optim.Adam(theirs, fused=True)
    x = 1e-4 * torch.randn(4, 5, generator=generator)  # so that eps counts
    for rate in (0.1, 0.01, 0.001):
        optimiser.step(((x @ ours[0] + ours[1]) ** 2).sum(), torch.tensor(rate))
        reference.param_groups[0]["lr"] = torch.tensor(rate)
        reference.zero_grad()
        ((x @ theirs[0] + theirs[1]) ** 2).sum().backward()
        reference.step()
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.equal(mine, other)
