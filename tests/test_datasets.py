"""IDX parsing, the embedded digits, and every bad mirror, played by a local HTTP server."""

import hashlib
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from mnist_vae import datasets
from mnist_vae.datasets import FILES, fetch_all, mnist, mnist_5k, parse_idx, torchvision_mirrors
from mnist_vae.errors import DataError, DownloadError


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 28, 28), (0, 28, 28)])
def test_idx_comes_back(shape) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(parse_idx(idx(array), "x"), array)


GOOD = idx(np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an IDX file"),
        (b"\0\0\x08", "not an IDX file"),
        (b"\x01" + GOOD[1:], "not an IDX file"),
        (b"\0\0\x0d" + GOOD[3:], "not an IDX file"),
        (GOOD[:7], "ends inside its IDX header"),
        (GOOD[:-1], r"promises 6 bytes of \(2, 3\), it has 5"),
        (GOOD + b"x", r"promises 6 bytes of \(2, 3\), it has 7"),
        (b"\0\0\x08\x02" + b"\xff" * 8 + b"x", "promises 18446744065119617025 bytes"),
    ],
)
def test_a_broken_idx_file_is_named(content, reason) -> None:
    with pytest.raises(DataError, match=f"^labels.gz: .*{reason}"):
        parse_idx(content, "labels.gz")


def test_the_embedded_digits_are_even_and_always_the_same() -> None:
    data = mnist_5k()
    assert data.train_images.shape == (4000, 28, 28)
    assert data.test_images.shape == (1000, 28, 28)
    assert np.bincount(data.train_labels).tolist() == [400] * 10
    assert np.bincount(data.test_labels).tolist() == [100] * 10
    again = mnist_5k()
    assert all(np.array_equal(a, b) for a, b in zip(data[1:], again[1:], strict=True))
    seen = {image.tobytes() for image in data.train_images}
    assert not seen & {image.tobytes() for image in data.test_images}


def test_the_embedded_digits_are_of_mnists_training_set(mirror, monkeypatch) -> None:
    monkeypatch.setenv("MNIST_MIRROR", str(mirror))
    whole = mnist()
    known = {
        image.tobytes(): label
        for image, label in zip(whole.train_images, whole.train_labels, strict=True)
    }
    data = mnist_5k()
    for images, labels in (data[1:3], data[3:5]):
        assert [known[image.tobytes()] for image in images] == labels.tolist()


def test_mnist_from_a_directory(mirror, monkeypatch) -> None:
    monkeypatch.setenv("MNIST_MIRROR", str(mirror))
    data = mnist()
    assert data.train_images.shape == (60000, 28, 28)
    assert data.test_images.shape == (10000, 28, 28)
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9]  # as the MNIST page shows them
    assert data.test_labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_checksums_and_mirrors_are_torchvisions() -> None:
    mirrors = torchvision_mirrors()
    from torchvision.datasets import MNIST

    assert dict(MNIST.resources) == FILES
    assert mirrors == MNIST.mirrors
    assert all(mirror.startswith("http") for mirror in mirrors)


CONTENT = {name: np.random.default_rng(i).bytes(2000) for i, name in enumerate(FILES)}


class Mirror(BaseHTTPRequestHandler):
    """/good/ delivers; every other first folder plays its fault."""

    def do_GET(self) -> None:
        _, fault, name = self.path.split("/")
        content = CONTENT[name]
        if fault == "missing":
            return self.send_error(404)
        if fault == "redirecting":
            return self.answer(302, b"", Location="/html/" + name)
        if fault == "html":
            return self.answer(
                200, b"<!doctype html><p>Log in first", **{"Content-Type": "text/html"}
            )
        if fault == "wrong":
            return self.answer(200, content[::-1])
        if fault == "short":
            return self.answer(200, content[:100], length=len(content))
        if fault == "cut":
            return self.answer(200, content[:100], length=None)
        if fault == "endless":
            return self.answer(200, b"x" * 200_000, length=None)
        if fault == "hanging":
            self.answer(200, content[:100], length=len(content))
            time.sleep(1.5)
            return None
        return self.answer(200, content)

    def answer(self, status: int, content: bytes, length: int | None = -1, **headers: str) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(len(content) if length == -1 else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch):
    md5 = {name: hashlib.md5(content).hexdigest() for name, content in CONTENT.items()}
    monkeypatch.setattr(datasets, "FILES", md5)
    monkeypatch.setattr(datasets, "SILENCE", 0.3)
    monkeypatch.setattr(datasets, "LARGEST", 100_000)
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


FAULTS = {
    "missing": "HTTP status 404",
    "redirecting": "an HTML page instead of the file",
    "html": "an HTML page instead of the file",
    "wrong": "wrong bytes instead of the file",
    "short": "ended after 100 of 2,000 bytes",
    "cut": "100 wrong bytes instead of the file",
    "endless": "more than 100,000 bytes",
    "hanging": "no byte for 0.3 seconds",
}


@pytest.mark.parametrize(("fault", "reason"), FAULTS.items(), ids=FAULTS)
def test_a_bad_mirror_is_named_and_the_next_one_tried(server, capsys, fault, reason) -> None:
    assert fetch_all([f"{server}/{fault}/", f"{server}/good"]) == CONTENT
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"warning: {server}/{fault}/: train-images-idx3-ubyte.gz: ")
    with pytest.raises(DownloadError, match=reason):
        fetch_all([f"{server}/{fault}"])


def test_a_mirror_that_is_down_is_named(server) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as closed:
        port = closed.server_port
    down = f"http://127.0.0.1:{port}"
    assert fetch_all([down, f"{server}/good"]) == CONTENT
    with pytest.raises(DownloadError, match="Connection refused"):
        fetch_all([down])


def test_when_no_mirror_is_left_the_error_names_each_and_what_to_do(server) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch_all([f"{server}/missing", "no/such/folder", "http://[bad"])
    line = str(caught.value)
    assert f"{server}/missing: train-images-idx3-ubyte.gz: HTTP status 404" in line
    assert "no/such/folder: train-images-idx3-ubyte.gz: No such file or directory" in line
    assert "http://[bad: train-images-idx3-ubyte.gz: " in line
    assert "MNIST_MIRROR" in line
    assert "dvc exp run -S dataset=mnist_5k" in line
    assert "\n" not in line
    assert caught.value.status == 1


def test_mnist_mirror_may_be_a_url(server, monkeypatch) -> None:
    monkeypatch.setenv("MNIST_MIRROR", f"{server}/good/")
    assert fetch_all(datasets.mirrors()) == CONTENT


def test_a_relative_mirror_is_relative_to_the_repository_also_in_a_queue(
    server, tmp_path, monkeypatch
) -> None:
    for name, content in CONTENT.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path.parent))
    assert fetch_all([tmp_path.name]) == CONTENT
