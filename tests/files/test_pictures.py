"""plots/*.png."""

import struct

from files.examples import some_figure

from mnist_vae.files.pictures import save_figure


def test_a_picture_has_150_dots_per_inch_and_names_no_software(tmp_path) -> None:
    save_figure(tmp_path / "a.png", some_figure())
    content = (tmp_path / "a.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (150, 150)  # one inch
    assert b"Software" not in content
    assert b"tEXt" not in content
