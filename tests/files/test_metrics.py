"""metrics/*.json."""

import json

import pytest

from mnist_vae.files.metrics import NotFiniteError, save_metrics


def test_metrics_come_back_to_the_last_bit(tmp_path) -> None:
    metrics = {"test": {"neg_elbo_nats": 0.1 + 0.2, "active_units": 2}}
    save_metrics(tmp_path / "m.json", metrics)
    assert json.loads((tmp_path / "m.json").read_text()) == metrics


def test_the_text_shows_a_line_for_each_number_in_the_order_given(tmp_path) -> None:
    save_metrics(tmp_path / "m.json", {"test": {"b": 1, "a": 2.5}})
    assert (tmp_path / "m.json").read_text() == (
        '{\n  "test": {\n    "b": 1,\n    "a": 2.5\n  }\n}\n'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_json_cannot_hold_is_refused_in_one_line(tmp_path, value) -> None:
    message = rf"m\.json: test\.neg_elbo_nats is {value}; .*learning_rate"
    with pytest.raises(NotFiniteError, match=message) as caught:
        save_metrics(tmp_path / "m.json", {"test": {"active_units": 2, "neg_elbo_nats": value}})
    assert caught.value.status == 1
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "m.json").exists()
