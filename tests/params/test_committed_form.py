"""params.yaml is committed as DVC writes it, so that an experiment's diff is its own lines."""

from default_run import default_params
from dvc.utils.hydra import apply_overrides


def changed_lines(tmp_path, *overrides: str) -> list[tuple[str, str]]:
    path = tmp_path / "params.yaml"
    path.write_text(default_params())
    apply_overrides(path, list(overrides))
    pairs = zip(default_params().splitlines(), path.read_text().splitlines(), strict=True)
    return [pair for pair in pairs if pair[0] != pair[1]]


def test_a_value_set_by_dvc_changes_its_own_line_alone(tmp_path) -> None:
    assert changed_lines(tmp_path, "latent_dim=2") == []
    ((old, new),) = changed_lines(tmp_path, "train.learning_rate=1e-3")
    assert new == old.replace("0.005", "0.001")
    ((old, new),) = changed_lines(tmp_path, "model.conv.dense_dims=[8]")
    assert (old, new) == ("    - 256", "    - 8")
