"""Small charts as SVG, drawn by the page's own style: classes, no colours."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 10, 30
POINTS = 500  # of a curve, at most


def line_chart(title: str, x: Sequence[float], curves: Mapping[str, Sequence[float]]) -> str:
    """Each of `curves` against `x`, in nats per image."""
    values = [value for curve in curves.values() for value in curve]
    y_low, y_high = min(values), max(values)
    if y_low == y_high:
        y_low, y_high = y_low - 1, y_high + 1
    x_low, x_high = (x[0], x[-1]) if x[0] < x[-1] else (x[0] - 1, x[0] + 1)

    def place(at: float, value: float) -> tuple[float, float]:
        across = (at - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)
        up = (value - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)
        return round(LEFT + across, 1), round(HEIGHT - BOTTOM - up, 1)

    parts = [
        level(place(x_low, tick)[1], f"{tick:g}")
        for tick in ticks(y_low, y_high)
        if y_low <= tick <= y_high
    ]
    for tick in ticks(x_low, x_high):
        if x_low <= tick <= x_high and tick == int(tick):
            parts.append(text(place(tick, y_low)[0], HEIGHT - BOTTOM + 14, f"{tick:g}", "middle"))
    parts.append(text((WIDTH + LEFT) / 2, HEIGHT - 2, "epoch", "middle"))
    for number, curve in enumerate(curves.values()):
        points = [place(at, value) for at, value in zip(x, curve, strict=True)]
        if len(points) == 1:
            cx, cy = points[0]
            parts.append(f'<circle class="curve-{number}" cx="{cx:g}" cy="{cy:g}" r="3"/>')
        joined = " ".join(f"{a:g},{b:g}" for a, b in points)
        parts.append(f'<polyline class="curve curve-{number}" points="{joined}"/>')
    ends = ", ".join(f"{name} {curve[-1]:.2f}" for name, curve in curves.items())
    return svg(f"{title}, in nats per image; after the last epoch: {ends}", parts)


def bar_chart(title: str, names: Sequence[str], values: Sequence[float]) -> str:
    """A bar for each of `values`, in nats per image, at least 0."""
    top = max([*values, 1e-9])
    width = (WIDTH - LEFT - RIGHT) / len(values)
    parts = []
    for tick in ticks(0, top):
        if tick <= top:
            parts.append(level(HEIGHT - BOTTOM - tick / top * (HEIGHT - TOP - BOTTOM), f"{tick:g}"))
    step = math.ceil(len(names) / 8)
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        tall = max(value, 0) / top * (HEIGHT - TOP - BOTTOM)
        x, y = LEFT + at * width, HEIGHT - BOTTOM - tall
        gap = min(2.0, width / 5)
        parts.append(
            f'<rect class="bar" x="{x + gap / 2:.1f}" y="{y:.1f}" width="{width - gap:.1f}" '
            f'height="{tall:.1f}"><title>{escape(name)}: {value:.3f} nats</title></rect>'
        )
        if at % step == 0:
            parts.append(text(x + width / 2, HEIGHT - BOTTOM + 14, name, "middle"))
    return svg(title, parts)


def level(y: float, label: str) -> str:
    line = f'<line class="level" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return line + text(LEFT - 6, y + 3.5, label, "end")


def text(x: float, y: float, content: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}</text>'


def svg(label: str, parts: Sequence[str]) -> str:
    opening = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
    return "".join([opening, *parts, "</svg>"])


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from `low` or a little less to `high` or a little more, about so many."""
    rough = (high - low) / about
    unit = 10.0 ** math.floor(math.log10(rough))
    step = unit * next((n for n in (1, 2, 5) if n * unit >= rough), 10)
    first = math.floor(low / step)
    return [round((first + at) * step, 10) for at in range(math.ceil((high - low) / step) + 2)]


def thinned(columns: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """At most POINTS rows of a table, evenly spread, the last one among them."""
    rows = len(next(iter(columns.values())))
    step = math.ceil(rows / POINTS)
    kept = range((rows - 1) % step, rows, step)
    return {name: [column[row] for row in kept] for name, column in columns.items()}
