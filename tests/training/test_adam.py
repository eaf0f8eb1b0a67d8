"""Adam against torch's own class, to the bit."""

import pytest
import torch

from mnist_vae.training.adam import Adam, global_norm


# 0: never; a norm that is sometimes exceeded; one that always is
@pytest.mark.parametrize("max_grad_norm", [0.0, 4.25, 0.5])
def test_steps_are_those_of_torch_optim_adam(max_grad_norm) -> None:
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(5, 3, generator=generator), torch.randn(3, generator=generator)]
    ours = [p.clone().requires_grad_() for p in start]
    theirs = [p.clone().requires_grad_() for p in start]
    optimiser, reference = Adam(ours, max_grad_norm), torch.optim.Adam(theirs, fused=True)
    norms = []
    x = 1e-4 * torch.randn(4, 5, generator=generator)  # so that eps counts
    for rate in (0.1, 0.01, 0.001):
        optimiser.step(((x @ ours[0] + ours[1]) ** 2).sum(), torch.tensor(rate))
        reference.param_groups[0]["lr"] = torch.tensor(rate)
        reference.zero_grad()
        ((x @ theirs[0] + theirs[1]) ** 2).sum().backward()
        if max_grad_norm:
            norms.append(torch.nn.utils.clip_grad_norm_(theirs, max_grad_norm))
        reference.step()
    if max_grad_norm == 4.25:
        assert min(norms) < max_grad_norm < max(norms)
    for mine, other in zip(ours, theirs, strict=True):
        if max_grad_norm:  # torch adds 1e-6 to the norm that it divides by
            torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-5)
        else:
            assert torch.equal(mine, other)


def test_the_norm_is_that_of_all_gradients_as_one_vector() -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = (5, 3), (3,), (4, 3, 2, 2), ()
    gradients = [torch.randn(shape, generator=generator) for shape in shapes]
    gradients[2] = gradients[2].to(memory_format=torch.channels_last)
    together = torch.cat([gradient.flatten() for gradient in gradients]).double().norm()
    torch.testing.assert_close(global_norm(gradients).double(), together, rtol=1e-6, atol=0)
