"""docs/how-it-works.md quotes the code as it stands."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
from default_run import ROOT

PAGE = ROOT / "docs" / "how-it-works.md"
MOST_LINES = 10
BLOCK = re.compile(r"([^\n]*)\n```python\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
SOURCE = re.compile(r"\[`([^`]+)`\]\(\.\./\1\)")
QUOTES = BLOCK.findall(PAGE.read_text())


def source_of(line_above: str) -> Path:
    """The file that the line above a block names. Raises ValueError if it names none."""
    named = SOURCE.fullmatch(line_above)
    if not named:
        raise ValueError(f"{line_above!r} above a block of code names no file")
    return ROOT / named[1]


def is_quoted_from(text: str, block: str) -> bool:
    """Whether consecutive whole lines of `text` are those of `block`, but for the indentation that
    they share."""
    lines, count = text.splitlines(), len(block.splitlines())
    starts = range(len(lines) - count + 1)
    windows = ("\n".join(lines[start : start + count]) for start in starts)
    return any(dedent(window) == dedent(block) for window in windows)


def test_every_block_of_the_page_is_looked_at() -> None:
    assert len(QUOTES) == PAGE.read_text().count("\n```") / 2 > 7


@pytest.mark.parametrize(("line_above", "block"), QUOTES, ids=range(1, len(QUOTES) + 1))
def test_each_block_names_its_file_and_stands_there(line_above, block) -> None:
    assert is_quoted_from(source_of(line_above).read_text(), block)
    assert len(block.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("line_above", ["", "In `src/a.py`:", "[`src/a.py`](../src/b.py)"])
def test_a_block_without_its_file_is_refused(line_above) -> None:
    with pytest.raises(ValueError, match="names no file"):
        source_of(line_above)


@pytest.mark.parametrize(
    "block", ["a = 2", "a = 1\nc = 3", "a = 1\n\n    b = 2", "= 1", "a = 1\nb = 2\nc = 3\nd = 4"]
)
def test_other_lines_than_the_files_own_are_no_quotation(block) -> None:
    text = "    a = 1\n    b = 2\n    c = 3\n"
    assert is_quoted_from(text, "a = 1\nb = 2")
    assert not is_quoted_from(text, block)
