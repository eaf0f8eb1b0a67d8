"""What is read of pictures in folders: as a viewer shows them, in order, one by one."""

from pathlib import Path

import numpy as np
from generated_images import bars, save_files
from PIL import Image
from readers.conftest import describe, refused

from mnist_vae.errors import WrongInputError
from mnist_vae.readers import image_folder
from mnist_vae.readers.sources import read_dataset


def image_of(path: Path) -> np.ndarray:
    return image_folder.read_image(path, path.parent)


def test_what_a_viewer_shows_is_what_is_read(tmp_path) -> None:
    """Palettes, opaque alpha, 16 bits, grey saved as colours, a photo that lies on its side."""
    rng, path = np.random.default_rng(0), tmp_path / "x.png"
    grey = rng.integers(0, 256, (6, 9), dtype=np.uint8)
    colours = rng.integers(0, 256, (6, 9, 3), dtype=np.uint8)
    Image.fromarray(colours).quantize(54).save(path)
    assert np.array_equal(image_of(path), colours)
    Image.fromarray(np.dstack([colours, np.full((6, 9), 255, np.uint8)])).save(path)
    assert np.array_equal(image_of(path), colours)
    Image.fromarray(np.dstack([grey] * 3)).save(path)
    assert np.array_equal(image_of(path), grey)
    Image.fromarray(grey.astype(np.uint16) * 257).save(path)
    assert np.array_equal(image_of(path), grey)
    Image.fromarray(grey > 127).save(path)
    assert np.array_equal(image_of(path), np.where(grey > 127, 255, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    Image.fromarray(grey).save(path, exif=exif)
    assert np.array_equal(image_of(path), np.rot90(grey, -1))


def test_colours_among_grey_ones_are_said_once_and_what_systems_leave_is_ignored(folder) -> None:
    images, labels = bars()
    paths = save_files(folder, images, labels)
    Image.fromarray(np.dstack([images[0], images[0] // 2, images[0]])).save(paths[0])
    for left in (".DS_Store", "Thumbs.db", "desktop.ini", "._0000.png"):
        (folder / "000" / left).write_bytes(b"x")
    (folder / ".hidden").mkdir()
    (folder / "README.txt").write_text("where they come from")
    found = read_dataset("mine")
    assert found.notes == ["79 of 80 images are grey, beside others in colour"]
    assert found.arrays[0].shape == (64, 5, 23, 3)
    describe(folder, "channels: 1")
    found = read_dataset("mine")
    assert found.notes == ["1 of 80 images lose their colours"]
    assert found.arrays[0].shape == (64, 5, 23)


def test_numbered_classes_are_in_the_order_of_their_numbers(folder) -> None:
    labels = np.arange(48) % 12
    save_files(folder, bars(48)[0], labels, [str(n) for n in range(1, 13)])
    assert read_dataset("mine").dataset.class_names == [str(n) for n in range(1, 13)]


def test_large_pictures_are_scaled_one_by_one(folder, monkeypatch) -> None:
    save_files(folder, np.zeros((8, 200, 300, 3), np.uint8) + 9, np.arange(8) % 2)
    describe(folder, "size: [4, 6]")
    kept = []
    alike = image_folder.alike
    monkeypatch.setattr(
        image_folder,
        "alike",
        lambda images, *rest: kept.extend(images.values()) or alike(images, *rest),
    )
    assert read_dataset("mine").arrays[0].shape == (4, 4, 6)
    assert {image.shape for image in kept} == {(4, 6)}


def test_an_edit_while_the_folder_is_read_is_noticed(folder, monkeypatch) -> None:
    paths = save_files(folder, *bars())
    read = image_folder.read_image

    def slow(path: Path, *rest) -> np.ndarray:
        if path == paths[-1]:
            Image.new("L", (23, 5)).save(paths[0])
        return read(path, *rest)

    monkeypatch.setattr(image_folder, "read_image", slow)
    message = refused(WrongInputError)
    assert message == "datasets/mine: changed while it was read; run it again"
