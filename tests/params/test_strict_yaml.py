"""The YAML of params.yaml, against JSON, which is YAML 1.2 as well, and against what DVC writes."""

import io
import json
import math

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mnist_vae.params.strict_yaml import StrictLoader


def read(text: str) -> object:
    return yaml.load(text, StrictLoader)


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | PRINTABLE
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4),
    max_leaves=10,
)


@settings(derandomize=True, deadline=None)
@given(TREES)
def test_every_json_document_is_read_as_what_it_says(tree) -> None:
    found = read(json.dumps(tree))
    assert json.dumps(found) == json.dumps(tree)


@settings(derandomize=True, deadline=None)
@given(st.none() | st.booleans() | NUMBERS)
def test_numbers_are_read_as_dvc_writes_them(value) -> None:
    """`dvc exp run -S` writes params.yaml by ruamel.yaml."""
    text = io.StringIO()
    YAML().dump({"key": value}, text)
    assert read(text.getvalue()) == {"key": value}


def test_scalars_are_those_of_version_1_2() -> None:
    """What the versions read differently stays text."""
    for text in ("3e-05", "3e-5", "0.00003", "3.0E-5", "+3e-5"):
        assert read(text) == 3e-05
    scalars = {".5": 0.5, "2.": 2.0, "-.inf": -math.inf, "-12": -12, "~": None, "TRUE": True}
    assert {text: read(text) for text in scalars} == scalars
    for text in ("010", "0x10", "0o7", "1_000", "12:30", "yes", "off", "2001-01-01", "1e", "<<"):
        assert read(text) == text
