"""How many of the training images are held out for validation."""

from mnist_vae.errors import ParamsError


def held_out(images: int, fraction: float) -> int:
    """The size of the validation set. Raises ParamsError if one side would be empty."""
    count = round(images * fraction)
    if not 0 < count < images:
        raise ParamsError(
            f"train.validation_fraction is {fraction}: it holds out {count} of {images} images; "
            "both sides need at least one"
        )
    return count
