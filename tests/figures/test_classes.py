"""Classes of any number and with any names: their colours, legends and letters."""

import colorsys
from itertools import pairwise

import matplotlib
import numpy as np
import pytest
from default_run import params_with
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from mnist_vae.analysis.planes import Plane
from mnist_vae.figures import fonts
from mnist_vae.figures.scatter import latent_figure
from mnist_vae.figures.style import RunLabel, class_colors, plt
from mnist_vae.files.dataset import Dataset
from mnist_vae.files.png import figure_png

NAMED = RunLabel("Names", "name", [], ["mlp"], 2, 0)
JAPANESE = Dataset("pets", "kind", ["\u732b", "\u72ac"], False, False, True)


def drawn(names: list[str], latent_dim: int) -> Figure:
    rng, labels = np.random.default_rng(0), np.arange(4 * len(names)) % len(names)
    points = rng.normal(size=(len(labels), 2))
    points[labels == 0] /= 100  # a class whose density is far higher than the others
    planes = [Plane(points, ("x", "y"))] * (2 if latent_dim > 2 else 1)
    run = NAMED._replace(class_names=names, latent_dim=latent_dim)
    figure = latent_figure(planes, labels, latent_dim, run)
    figure.set_dpi(150)
    figure.draw_without_rendering()
    return figure


def test_up_to_ten_classes_have_the_colours_of_tab10() -> None:
    assert np.array_equal(class_colors(10), plt.colormaps["tab10"](np.arange(10))[:, :3])
    assert np.array_equal(class_colors(4), class_colors(10)[:4])


@pytest.mark.parametrize("count", [11, 26, 1000])
def test_more_have_evenly_spaced_hues_and_two_lightnesses_in_turn(count) -> None:
    found = np.array([colorsys.rgb_to_hls(*color) for color in class_colors(count).tolist()])
    hues = np.arange(count) / count
    assert np.abs((found[:, 0] - hues + 0.5) % 1 - 0.5).max() < 1e-6
    assert found[:, 1] == pytest.approx(np.resize([0.38, 0.6], count))
    assert found[:, 2] == pytest.approx(0.75)
    assert len(np.unique(class_colors(count), axis=0)) == count


WIDE = "W" * 17


@pytest.mark.parametrize("latent_dim", [2, 3])
@pytest.mark.parametrize("count", [2, 10, 11, 26, 60])
@pytest.mark.parametrize("prefix", ["", "_", WIDE])
def test_legends_lie_inside_the_figure_and_over_nothing(count, prefix, latent_dim) -> None:
    names = [f"{prefix}{number}" for number in range(count)]
    figure = drawn(names, latent_dim)
    (legend,) = figure.legends
    assert sorted(text.get_text() for text in legend.get_texts()) == sorted(names)
    box = legend.get_window_extent()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= figure.bbox.width
    for ax in figure.axes:
        panel, around = ax.get_window_extent(), ax.get_tightbbox()
        assert around is not None
        assert box.y1 <= around.y0 or box.x0 >= around.x1
        assert panel.height > 1.8 * figure.dpi
        assert panel.width > 1.8 * figure.dpi


def test_a_long_legend_reads_from_left_to_right() -> None:
    names = [chr(ord("A") + number) for number in range(26)]
    (legend,) = drawn(names, 2).legends
    places = {
        text.get_text(): text.get_window_extent().get_points().mean(axis=0)
        for text in legend.get_texts()
    }
    rows = sorted(names, key=lambda name: (-round(places[name][1] / 10), places[name][0]))
    assert rows == names


def test_of_very_many_classes_the_title_has_the_number() -> None:
    figure = drawn([str(number) for number in range(61)], 2)
    assert not figure.legends
    assert "61 classes" in figure.texts[0].get_text()


@pytest.mark.parametrize("count", [26, 60, 150])
def test_the_densities_of_many_classes_can_be_seen_and_their_labels_read(count) -> None:
    names = [f"name {number}" for number in range(count)]
    figure = drawn(names, 1)
    ax = figure.axes[0]
    tops = [np.asarray(line.get_ydata()).max() for line in ax.get_lines()]
    assert tops == pytest.approx(np.arange(count) + 1.6, abs=0.05)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == names[:: -(-count // 60)]
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(low.y1 <= high.y0 for low, high in pairwise(boxes))


def test_names_that_no_font_can_draw_become_numbers(capsys, monkeypatch) -> None:
    """Of the fonts that come with matplotlib, one draws a box for every letter."""
    own = [f for f in fonts.fontManager.ttflist if f.fname.startswith(matplotlib.get_data_path())]
    monkeypatch.setattr(fonts.fontManager, "ttflist", own)
    with plt.rc_context():
        label = RunLabel.of(params_with(dataset="mnist_5k"), JAPANESE)
        assert (label.class_noun, label.class_names) == ("class (number)", ["1", "2"])
        assert "its classes are numbered" in capsys.readouterr().out
        latin = JAPANESE._replace(class_names=["\u00e9t\u00e9", "\u00d8"])
        assert RunLabel.of(params_with(), latin).class_names == latin.class_names
        assert plt.rcParams["font.family"] == ["sans-serif"]


def test_another_font_draws_what_the_own_one_lacks_and_changes_nothing_else() -> None:
    """STIX comes with matplotlib, too, and has letters of its own."""

    def letters(family: str) -> set[int]:
        return set(get_font(findfont(FontProperties(family=[family]))).get_charmap())

    lacking = min(
        code
        for code in letters("STIXGeneral") - letters(fonts.OWN)
        if chr(code).isprintable() and not chr(code).isspace()
    )

    def png() -> bytes:
        return figure_png(drawn(["one", "\u00d8"], 2))

    before = png()
    with plt.rc_context():
        assert fonts.make_drawable([chr(lacking)])
        own, other = plt.rcParams["font.family"]
        assert own == fonts.OWN
        assert lacking in letters(other)
        plt.close("all")
        assert png() == before


@pytest.mark.parametrize("name", ["$", r"$\alpha$ and $x$", r"\frac{$ $"])
def test_a_dollar_in_a_name_starts_no_formula(name) -> None:
    def png(text: str, parse_math: bool) -> bytes:
        figure = plt.figure()
        figure.text(0.1, 0.5, text, parse_math=parse_math)
        return figure_png(figure)

    label = RunLabel.of(params_with(), JAPANESE._replace(class_names=[name, "b"]))
    assert png(label.class_names[0], parse_math=True) == png(name, parse_math=False)
