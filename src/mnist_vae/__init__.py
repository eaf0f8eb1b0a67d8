"""The library behind `stages/`: a variational autoencoder of small images as a DVC pipeline.

`mnist_vae.load` and `mnist_vae.load_latents` are for programs of your own; docs/use.md.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """Loaded when first asked for: stages import this package, and most need no torch."""
    if name == "load":
        from mnist_vae.use.trained import load

        return load
    if name == "load_latents":
        from mnist_vae.use.latents import load_latents

        return load_latents
    raise AttributeError(f"module 'mnist_vae' has no attribute {name!r}")
