"""Class names that matplotlib's own font cannot draw."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

OWN = "DejaVu Sans"  # comes with matplotlib
BOXES = "Last Resort"  # so do fonts of this name, which draw a box for every letter there is


def make_drawable(names: Sequence[str]) -> bool:
    """Whether the letters of `names` can be drawn, if need be with a font that this machine happens
    to have, which then also decides the pictures' bytes: a font for all scripts has many megabytes.
    """
    lacking = {ord(letter) for name in names for letter in name if letter.isprintable()}
    lacking -= get_font(findfont(FontProperties(family=[OWN]))).get_charmap().keys()
    if not lacking:
        return True
    installed = [font for font in fontManager.ttflist if not font.name.startswith(BOXES)]
    for font in sorted(installed, key=lambda font: (font.name, font.fname)):
        try:
            there = get_font(font.fname).get_charmap().keys()
        except (OSError, RuntimeError):  # a font that was deleted, or of a kind that cannot be read
            continue
        if lacking <= there:
            plt.rcParams["font.family"] = [OWN, font.name]
            return True
    return False
