"""plots/*.csv: columns out and back, and the one line for what is no table of numbers."""

import pytest

from mnist_vae.errors import DataError, FileError
from mnist_vae.files.tables import load_csv, save_csv


def test_columns_come_back_to_the_last_bit(tmp_path) -> None:
    save_csv(tmp_path / "a.csv", ("x", "digit"), [(0.1 + 0.2, 3), (-2.5, 9)])
    assert load_csv(tmp_path / "a.csv") == {"x": [0.1 + 0.2, -2.5], "digit": [3, 9]}


def test_the_text_is_rows_of_commas_and_line_feeds(tmp_path) -> None:
    save_csv(tmp_path / "a.csv", ("x", "class"), [(1, "a"), (2, "b, c")])
    assert (tmp_path / "a.csv").read_bytes() == b'x,class\n1,a\n2,"b, c"\n'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"epoch,loss\n",
        b"epoch,loss\n1,two\n",
        b"epoch,loss\n1\n",
        b"epoch,loss\n1,2\n3\n",
        b"epoch,loss\n1,2,3\n",
        b"epoch,loss\n1,\n",
        b"\xff\xfe\n",
    ],
)
def test_what_is_no_table_of_numbers_is_refused(tmp_path, content) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    message = r"a\.csv: is not a table of numbers; `dvc repro` makes it again"
    with pytest.raises(DataError, match=message):
        load_csv(tmp_path / "a.csv")


def test_a_table_that_is_missing_or_no_file_is_named(tmp_path) -> None:
    with pytest.raises(DataError, match=r"a\.csv: is missing; `dvc repro` makes it"):
        load_csv(tmp_path / "a.csv")
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(FileError, match=r"b\.csv: cannot be read: Is a directory"):
        load_csv(tmp_path / "b.csv")
