"""Plans of studies that are refused."""

import pytest

from mnist_vae.errors import PipelineError
from mnist_vae.study.plan import load_plan


@pytest.mark.parametrize(
    "text",
    [
        "grid: [",
        "grid: 3",
        "",
        "grid: {grids: [latent_dim]}",
        "grid: {grid: []}",
        "tables: {}",
        "g: {choosing: no}",
    ],
)
def test_a_plan_that_is_none_is_refused_in_one_line(tmp_path, monkeypatch, text) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs/results").mkdir(parents=True)
    (tmp_path / "docs/results/plan.yaml").write_text(text)
    with pytest.raises(PipelineError) as caught:
        load_plan()
    assert len(str(caught.value).splitlines()) == 1
