"""The YAML of params.yaml, against JSON, which is YAML 1.2 as well, and against what DVC writes."""

import io
import json
import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mnist_vae.strict_yaml import StrictLoader


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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3e-05", 3e-05),
        ("3e-5", 3e-05),
        ("0.00003", 3e-05),
        ("3.0E-5", 3e-05),
        ("+3e-5", 3e-05),
        ("1e5", 1e5),
        (".5", 0.5),
        ("2.", 2.0),
        ("-.inf", -math.inf),
        ("0", 0),
        ("-12", -12),
        ("~", None),
        ("TRUE", True),
    ],
)
def test_scalars_of_version_1_2(text, value) -> None:
    found = read(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    ["010", "0x10", "0o7", "1_000", "12:30", "yes", "off", "y", "2001-01-01", "1e", "e5", "<<"],
)
def test_what_the_versions_read_differently_stays_text(text) -> None:
    assert read(text) == text


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3", "x: {a: 1, a: 1}", "- a: 1\n  a: 2"])
def test_a_key_given_twice_is_refused(text) -> None:
    with pytest.raises(yaml.MarkedYAMLError, match="a twice"):
        read(text)
