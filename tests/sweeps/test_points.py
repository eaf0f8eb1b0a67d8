"""Which points a grid has, their names, and what is refused before anything runs."""

import subprocess

import pytest
from clone import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_vae.errors import ParamsError
from mnist_vae.sweeps.base import Point
from mnist_vae.sweeps.points import MAX_BYTES, allowed, expand, name, validate


@pytest.fixture(autouse=True)
def in_root(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)


def names(*arguments: str) -> list[str]:
    return [point.name for point in expand(list(arguments))]


def test_a_grid_has_each_combination_once_and_a_name_that_no_order_changes() -> None:
    wanted = {f"latent_dim={dim},seed={seed}" for dim in (1, 2, 4) for seed in (0, 1)}
    assert set(names("latent_dim=1,2,4", "seed=0,1")) == wanted
    assert set(names("seed=0,1", "latent_dim=1,2,4,2")) == wanted
    assert len(names("seed=0,1", "latent_dim=1,2,4,2")) == 6
    assert names("params.yaml:seed=range(0,3)") == ["seed=0", "seed=1", "seed=2"]


def test_a_list_is_one_value_and_its_name_has_no_brackets() -> None:
    points = expand(["model.mlp.hidden_dims=[256],[512,256]", "model.network=mlp"])
    assert [point.name for point in points] == [
        "model.mlp.hidden_dims=256,model.network=mlp",
        "model.mlp.hidden_dims=512-256,model.network=mlp",
    ]
    assert points[1].overrides == ["model.mlp.hidden_dims=[512,256]", "model.network=mlp"]


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("seed", "-S seed: "),
        ("seed=[1", "-S seed=[1: "),
        ("other.yaml:seed=1", "only params.yaml has parameters"),
        ("dataset='a b','c d'", "dataset='a b': Git allows no such name"),
        ("dataset='a:b'", "dataset='a:b': Git allows no such name"),
    ],
)
def test_what_cannot_be_a_point_is_refused_in_a_line_each(argument, reason) -> None:
    with pytest.raises(ParamsError) as caught:
        expand([argument])
    lines = str(caught.value).splitlines()
    assert all(reason in line for line in lines[:1])
    assert len(lines) == (2 if "," in argument else 1)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=1, max_codepoint=300), min_size=1, max_size=6))
def test_a_name_is_allowed_where_git_allows_it_as_one_part_of_a_ref(text) -> None:
    name = f"a={text}"
    ref = f"refs/exps/ab/cdef/{name}"
    asked = subprocess.run(["git", "check-ref-format", ref], capture_output=True)
    assert allowed(name) == (asked.returncode == 0 and "/" not in name)


@pytest.mark.parametrize("letter", ["x", "ä"])
def test_a_name_is_short_enough_for_a_file_and_still_its_points_own(letter) -> None:
    start = letter * (200 // len(letter.encode()))
    short, *long = (name([f"dataset={start}{end}"]) for end in ("", "y" * 40, "z" * 40))
    assert short == f"dataset={start}"
    assert len({short, *long}) == 3
    assert all(len(found.encode()) <= MAX_BYTES for found in long)
    assert all(found.startswith(short) and allowed(found) for found in long)


def test_each_fault_of_each_wrong_point_is_a_line() -> None:
    with pytest.raises(ParamsError) as caught:
        validate(expand(["latent_dim=0,2", "train.schedule=linear,square", "sed=1"]))
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert all("sed" in line for line in lines), "DVC's own refusal of an unknown key"
    with pytest.raises(ParamsError) as caught:
        validate(expand(["latent_dim=0,2", "train.schedule=linear,square"]))
    number = "latent_dim is 0; it must be an integer from 1 to 65536"
    choice = "train.schedule is 'square'; it must be one of constant, linear, cosine"
    assert sorted(str(caught.value).splitlines()) == [
        f"latent_dim=0,train.schedule=linear: {number}",
        f"latent_dim=0,train.schedule=square: {number}",
        f"latent_dim=0,train.schedule=square: {choice}",
        f"latent_dim=2,train.schedule=square: {choice}",
    ]


def test_the_cpus_asked_for_are_those_of_the_hungriest_point() -> None:
    assert validate(expand(["machine.threads=1,3,2"])) == 3
    assert validate(expand(["machine.threads=auto"])) == 1
    before = (ROOT / "params.yaml").read_bytes()
    validate([Point("seed=1", ["seed=1"])])
    assert (ROOT / "params.yaml").read_bytes() == before
