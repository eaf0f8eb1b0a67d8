"""How large images are shown: those that are not square keep their proportions."""

import math

LONGEST = 2  # sides of the square that a narrow image takes the place of


def proportions(height: int, width: int) -> tuple[float, float]:
    """The width and the height at which to show an image, in sides of the square in whose place it
    stands: of the same area, unless that would be too long."""
    longer = min(math.sqrt(max(height, width) / min(height, width)), LONGEST)
    shorter = longer * min(height, width) / max(height, width)
    return (longer, shorter) if width >= height else (shorter, longer)
