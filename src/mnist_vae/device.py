"""Where the tensors live, and the settings that decide the bytes."""

import torch

from mnist_vae.errors import PipelineError
from mnist_vae.params import TrainParams


def prepare(params: TrainParams) -> torch.device:
    """Set up torch and name the device. Call it before the first tensor operation.

    Raises PipelineError if this machine lacks the device that params.yaml asks for.
    """
    # Adam's second moments of dead pixels become denormal numbers, on which the CPU is slow: an
    # epoch takes 1.3 to 2 times as long towards the end. Threads inherit the setting when they
    # start, hence first.
    torch.set_flush_denormal(True)
    torch.set_num_threads(params.threads)
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if params.device == "auto":
        return torch.device(next(name for name in present if present[name]))
    if not present[params.device]:
        raise PipelineError(
            f"params.yaml: train.device is {params.device!r}, which this machine lacks; "
            "use auto or cpu"
        )
    return torch.device(params.device)
