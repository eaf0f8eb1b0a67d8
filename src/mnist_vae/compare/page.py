"""The comparison as one HTML file that needs no network."""

import html
from typing import TYPE_CHECKING

from mnist_vae.compare.table import Grid, to_html
from mnist_vae.files.png import data_url, figure_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 1rem auto; }}
body {{ padding: 0 1rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; }}
.wide {{ overflow-x: auto; }}
img {{ width: 100%; min-width: 40rem; height: auto; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #14171b; color: #e8eaed; }}
  img {{ filter: invert(0.92) hue-rotate(180deg); mix-blend-mode: lighten; }}
}}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .25rem .7rem; text-align: right; white-space: nowrap; }}
thead {{ border-bottom: 1px solid #888; }}
tbody tr:nth-child(even) {{ background: #8881; }}
</style>
<h1>{title}</h1>
<p>{notes}</p>
<div class="wide" role="region" aria-label="Figure" tabindex="0">
<img src="{picture}" alt="The metrics against the swept parameter">
</div>
<h2>Settings</h2>
<div class="wide" role="region" aria-label="Settings" tabindex="0">{table}</div>
</html>
"""


def sweep_page(title: str, notes: str, figure: "Figure", grid: Grid) -> bytes:
    picture = data_url(figure_png(figure))
    fields = {"title": html.escape(title), "notes": html.escape(notes), "table": to_html(grid)}
    return PAGE.format(picture=picture, **fields).encode()
