"""Another run's page, and what is none."""

import json

import pytest
from browser_actions import settle, text, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def pick(visit, trained):
    page = visit(trained.path)

    def pick(path) -> str:
        page.evaluate("say('', false)")
        with page.expect_file_chooser() as chooser:
            page.click("#other")
        chooser.value.set_files(path)
        wait_until(page, "document.getElementById('compare-text').textContent !== ''")
        settle(page)
        return page.locator("#compare-text").inner_text()

    return page, pick


def test_two_runs_share_charts_and_a_table_with_differences(pick, written, trained) -> None:
    page, choose = pick
    other = written(latent_dim=3, epochs=2)
    said = choose(other.path)
    assert "latent_dim 3" in said
    assert page.locator("#compare-charts svg").count() == 3
    assert page.locator("#compare-charts svg").first.locator("polyline").count() == 4
    for split in ("train", "validation"):  # drawn as above, where the page's own run stands alone
        first = f"svg >> nth=0 >> .curve-0.{split}"
        looks = [page.locator(f"#{box} >> {first}") for box in ("charts", "compare-charts")]
        styles = "(own) => [getComputedStyle(own).stroke, getComputedStyle(own).strokeDasharray]"
        assert looks[0].evaluate(styles) == looks[1].evaluate(styles)
    assert page.evaluate("document.getElementById('other').files[0].name") == other.path.name
    here, there = (w.run.load().metrics["test.neg_elbo_nats"] for w in (trained, other))
    row = page.locator("#compare-rows tr", has_text="test.neg_elbo_nats").inner_text().split()
    assert float(row[1]) == pytest.approx(here, abs=1e-4)
    assert float(row[2]) == pytest.approx(there, abs=1e-4)
    assert float(row[3]) == pytest.approx(there - here, abs=2e-4)
    table = text(page, "compare-rows")
    assert "latent_dim" in table
    assert "model.network" not in table  # the same in both


def test_nats_of_other_likelihoods_are_said_not_to_compare(pick, written) -> None:
    _, choose = pick
    assert "are not comparable" in choose(written(model__likelihood="binarised").path)


def replaced(path, folder, change) -> str:
    """A copy of a page with `change` applied to its run's data."""
    head, mark, tail = path.read_text().partition('id="run-data">')
    data, end, rest = tail.partition("</script>")
    raw = json.loads(data)
    change(raw)
    copy = folder / "other.html"
    copy.write_text(head + mark + json.dumps(raw) + end + rest)
    return str(copy)


def test_what_is_no_page_of_this_version_gets_one_line(pick, trained, tmp_path) -> None:
    page, choose = pick
    for content in (b"", b"<p>hello</p>", b"\x89PNG\r\n", b'<script id="run-data">{</script>'):
        (tmp_path / "no.html").write_bytes(content)
        assert choose(tmp_path / "no.html") == "no.html: is not the report of a run."
    newer = replaced(trained.path, tmp_path, lambda raw: raw.update(version=2))
    assert "is a report of version 2; this page reads version 1" in choose(newer)
    foreign = replaced(trained.path, tmp_path, lambda raw: raw.update(format="x"))
    assert choose(foreign) == "other.html: is not the report of a run."
    for change in (
        lambda raw: raw.pop("losses"),
        lambda raw: raw.update(metrics=None),
        lambda raw: raw.update(heading="x" * 200_000),
        lambda raw: raw.update(losses={k: v * 600 for k, v in raw["losses"].items()}),
    ):
        assert "a damaged one" in choose(replaced(trained.path, tmp_path, change))
    assert not page.locator("#compared").is_visible()


def test_markup_in_another_page_stays_text(pick, trained, tmp_path) -> None:
    page, choose = pick

    def change(raw) -> None:
        raw["heading"] = "<img src=x onerror=alert(1)>"
        raw["metrics"]["<b>bold</b>"] = "<i>x</i>"

    assert "<img src=x" in choose(replaced(trained.path, tmp_path, change))
    assert "<b>bold</b>" in text(page, "compare-rows")
    assert page.locator("#compared b, #compared i, #compare-text img").count() == 0
