"""docs/how-it-works.md quotes the code as it stands."""

import ast
import re

import pytest
from default_run import ROOT

PAGE = ROOT / "docs" / "how-it-works.md"
MOST_LINES = 10
LEFT_OUT = "..."
BLOCK = re.compile(r"([^\n]*)\n```python\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
SOURCE = re.compile(r"\[`([^`/]+)`\]\(\.\./((?:[^`)]+/)?\1)\), `([\w.]+)`")
QUOTES = BLOCK.findall(PAGE.read_text())


def quoted_function(line_above: str) -> str:
    """The lines of the function that the line above a block names, with its file. Raises
    ValueError if it names none."""
    named = SOURCE.fullmatch(line_above)
    if not named:
        raise ValueError(f"{line_above!r} above a block of code names no file and function")
    return lines_of_function((ROOT / named[2]).read_text(), named[3])


def lines_of_function(text: str, name: str) -> str:
    """Of a function, or of a method `Class.method`. Raises ValueError if `text` has none."""
    node: ast.AST = ast.parse(text)
    for part in name.split("."):
        body = [n for n in ast.iter_child_nodes(node) if getattr(n, "name", None) == part]
        if not body:
            raise ValueError(f"there is no {name}")
        node = body[0]
    if not isinstance(node, ast.FunctionDef):
        raise ValueError(f"{name} is no function")
    return "".join(f"{line}\n" for line in text.splitlines()[node.lineno - 1 : node.end_lineno])


def is_quoted_from(text: str, block: str) -> bool:
    """Whether the lines of `block` are whole lines of `text`, one after another. A line `...`
    stands for at least one that is left out."""
    lines = block.splitlines()
    patterns = (
        r"(?:.*\n)+?" if line.strip() == LEFT_OUT else f"{re.escape(line)}\n" for line in lines
    )
    return bool(re.search("^" + "".join(patterns), text + "\n", re.MULTILINE))


def test_every_block_of_the_page_is_looked_at() -> None:
    assert len(QUOTES) == PAGE.read_text().count("\n```") / 2 > 7


@pytest.mark.parametrize(("line_above", "block"), QUOTES, ids=range(1, len(QUOTES) + 1))
def test_each_block_names_its_function_and_stands_there(line_above, block) -> None:
    assert is_quoted_from(quoted_function(line_above), block)
    assert len(block.splitlines()) <= MOST_LINES


@pytest.mark.parametrize(
    "line_above",
    [
        "",
        "In `src/a.py`:",
        "[`a.py`](../src/a.py)",
        "[`a.py`](../src/b.py), `f`",
        "[`a.py`](../src/aa.py), `f`",
    ],
)
def test_a_block_without_its_file_and_function_is_refused(line_above) -> None:
    with pytest.raises(ValueError, match="names no file and function"):
        quoted_function(line_above)


CODE = """\
def f():
    a = 1
    b = 2

class C:
    def f(self):
        c = 3
"""


@pytest.mark.parametrize(("name", "own"), [("f", "    b = 2"), ("C.f", "        c = 3")])
def test_a_function_is_found_by_its_name(name, own) -> None:
    assert lines_of_function(CODE, name).splitlines()[-1] == own


@pytest.mark.parametrize("name", ["g", "C", "C.g"])
def test_what_is_no_function_is_refused(name) -> None:
    with pytest.raises(ValueError, match=f"{name}"):
        lines_of_function(CODE, name)


@pytest.mark.parametrize(
    "block",
    [
        "    a = 1\n    b = 2",
        "    b = 2\n    c = 3\n",
        "    a = 1\n    ...\n    c = 3",
        "    a = 1\n    ...\n    d = 4",
    ],
)
def test_whole_lines_of_the_file_are_a_quotation(block) -> None:
    assert is_quoted_from("    a = 1\n    b = 2\n    c = 3\n    d = 4\n", block)


@pytest.mark.parametrize(
    "block",
    [
        "    a = 2",
        "    a = 1\n    c = 3",
        "    a = 1\n\n    b = 2",
        "= 1",
        "    a =",
        "    a = 1\n    ...\n    b = 2",
        "    c = 3\n    ...\n    a = 1",
        "    c = 3\n    d = 4",
    ],
)
def test_other_lines_than_the_files_own_are_no_quotation(block) -> None:
    assert not is_quoted_from("    a = 1\n    b = 2\n    c = 3\n", block)
