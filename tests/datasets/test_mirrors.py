"""Every bad mirror, played by a local HTTP server."""

import base64
import contextlib
import gzip
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from mnist_vae.choices import DATASETS, load_choice
from mnist_vae.datasets import _http, _mirrors
from mnist_vae.datasets._mirrors import fetch_all, load_idx_files
from mnist_vae.errors import DataError, DownloadError

NAMES = ("images.gz", "labels.gz", "more-images.gz", "more-labels.gz")
CONTENT = {name: np.random.default_rng(i).bytes(2000) for i, name in enumerate(NAMES)}


def md5_of(contents: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.md5(content).hexdigest() for name, content in contents.items()}


def fetch_from(*mirrors: str) -> dict[str, bytes]:
    return fetch_all("MNIST", md5_of(CONTENT), mirrors, "MNIST_MIRROR")


class Mirror(BaseHTTPRequestHandler):
    """/good/ delivers; every other first folder plays its fault."""

    def do_GET(self) -> None:
        _, fault, name = self.path.split("/")
        content = CONTENT[name]
        if fault == "missing":
            return self.send_error(404)
        if fault == "redirecting":
            return self.answer(302, b"", header=("Location", f"/html/{name}"))
        if fault == "html":
            page = b"<!doctype html><p>Log in first"
            return self.answer(200, page, header=("Content-Type", "text/html"))
        if fault == "wrong":
            return self.answer(200, content[::-1])
        if fault == "short":
            return self.answer(200, content[:100], length=len(content))
        if fault == "cut":
            return self.answer(200, content[:100], length=None)
        if fault == "endless":
            return self.answer(200, b"x" * 200_000, length=None)
        if fault == "dripping":
            self.answer(200, b"", length=len(content))
            return self.drip(content)
        if fault == "dripping-headers":
            return self.drip(b"HTTP/1.0 200 OK\r\nX-Slow: " + b"x" * 1000)
        if fault == "members":
            login = base64.b64encode(b"a user:sec@ret").decode()
            if self.headers["Authorization"] != f"Basic {login}":
                return self.send_error(401)
        if fault == "elsewhere":  # another server, as far as HTTP knows
            host = self.headers["Host"].replace("127.0.0.1", "localhost")
            location = ("Location", f"http://{host}/members/{name}")
            return self.answer(302, b"", header=location)
        if fault == "hanging":
            self.answer(200, content[:100], length=len(content))
            time.sleep(1.5)
            return None
        return self.answer(200, content)

    def drip(self, content: bytes) -> None:
        with contextlib.suppress(OSError):  # until the client is gone
            for byte in content:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)

    def answer(
        self,
        status: int,
        content: bytes,
        length: int | None = -1,
        header: tuple[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(len(content) if length == -1 else length))
        if header:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch) -> Iterator[str]:
    monkeypatch.setattr(_http, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(_http, "FILE_SECONDS", 0.5)
    monkeypatch.setattr(_mirrors, "MAX_BYTES", 100_000)
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


FAULTS = {
    "missing": "HTTP status 404",
    "redirecting": "an HTML page instead of the file",
    "html": "an HTML page instead of the file",
    "wrong": "2,000 wrong bytes instead of the file",
    "short": "ended after 100 of 2,000 bytes",
    "cut": "100 wrong bytes instead of the file",
    "endless": "more than 100,000 bytes",
    "hanging": "no byte for 0.3 seconds",
    "dripping": "not complete after 0.5 seconds",
    "dripping-headers": "not complete after 0.5 seconds",
    "members": "HTTP status 401",
}


@pytest.mark.parametrize(("fault", "reason"), FAULTS.items(), ids=FAULTS)
def test_a_bad_mirror_is_named_and_the_next_one_tried(server, capsys, fault, reason) -> None:
    assert fetch_from(f"{server}/{fault}/", f"{server}/good") == CONTENT
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"warning: {server}/{fault}/: images.gz: {reason}")
    with pytest.raises(DownloadError, match=reason):
        fetch_from(f"{server}/{fault}")


def test_a_mirror_that_is_down_is_named(server) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as closed:
        port = closed.server_port
    down = f"http://127.0.0.1:{port}"
    assert fetch_from(down, f"{server}/good") == CONTENT
    with pytest.raises(DownloadError, match="Connection refused"):
        fetch_from(down)


def test_when_no_mirror_is_left_the_error_names_each_and_what_to_do(server) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch_from(f"{server}/missing", "no/such/folder", "http://[bad")
    line = str(caught.value)
    assert line.startswith("no mirror delivered MNIST (")
    assert f"{server}/missing: images.gz: HTTP status 404" in line
    assert "no/such/folder: images.gz: No such file or directory" in line
    assert "http://[bad: images.gz: " in line
    assert "MNIST_MIRROR" in line
    assert "dvc exp run -S dataset=mnist_5k" in line
    assert "\n" not in line
    assert caught.value.status == 1


def test_what_a_mirror_delivered_is_not_asked_of_the_next(server, tmp_path) -> None:
    (tmp_path / NAMES[0]).write_bytes(CONTENT[NAMES[0]])
    (tmp_path / "rest").mkdir()
    for name in NAMES[1:]:
        (tmp_path / "rest" / name).write_bytes(CONTENT[name])
    assert fetch_from(str(tmp_path), str(tmp_path / "rest")) == CONTENT


def test_a_relative_mirror_is_relative_to_the_repository_also_in_a_queue(
    tmp_path, monkeypatch
) -> None:
    for name, content in CONTENT.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path.parent))
    assert fetch_from(tmp_path.name) == CONTENT


def test_mnist_mirror_names_the_one_mirror_to_ask(server, monkeypatch) -> None:
    for own in (f"{server}/good/", "no/such/folder"):
        monkeypatch.setenv("MNIST_MIRROR", own)
        assert _mirrors.mirrors("MNIST", "MNIST_MIRROR") == [own]
    monkeypatch.setenv("MNIST_MIRROR", f"{server}/good/")
    with pytest.raises(gzip.BadGzipFile):  # it delivered these random bytes
        load_idx_files("MNIST", md5_of(CONTENT), "MNIST_MIRROR")


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(b"\0\0\x08" + bytes([array.ndim]) + sizes + array.tobytes())


@pytest.fixture(params=["mnist", "fashion_mnist", "kmnist"])
def synthetic(request, monkeypatch) -> tuple[str, list[np.ndarray]]:
    """A data set whose files are synthetic ones that the server delivers, and what they hold."""
    module = load_choice(DATASETS, request.param)
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, shape, np.uint8) for shape in ((9, 28, 28), 9, (3, 28, 28), 3)]
    contents = {name: idx(array) for name, array in zip(module.FILES, arrays, strict=True)}
    for name, content in contents.items():
        monkeypatch.setitem(CONTENT, name, content)
    monkeypatch.setattr(module, "FILES", md5_of(contents))
    return request.param, arrays


def test_each_data_set_comes_from_its_own_mirror_variable(server, synthetic, monkeypatch) -> None:
    name, arrays = synthetic
    for others in ("MNIST_MIRROR", "FASHION_MNIST_MIRROR", "KMNIST_MIRROR"):
        monkeypatch.setenv(others, "no/such/folder")
    monkeypatch.setenv(f"{name.upper()}_MIRROR", f"{server}/good")
    loaded = load_choice(DATASETS, name).load()
    assert all(np.array_equal(a, b) for a, b in zip(loaded, arrays, strict=True))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_data_set_refuses_each_fault(server, synthetic, monkeypatch, fault) -> None:
    name, _ = synthetic
    monkeypatch.setenv(f"{name.upper()}_MIRROR", f"{server}/{fault}")
    title = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "kmnist": "KMNIST"}[name]
    with pytest.raises(DownloadError) as caught:
        load_choice(DATASETS, name).load()
    line = str(caught.value)
    assert line.startswith(f"no mirror delivered {title} ({server}/{fault}: train-images-idx3-")
    assert f" Set {name.upper()}_MIRROR to a folder or an http(s) URL" in line


def test_the_arrays_come_in_the_order_of_the_files(tmp_path, monkeypatch) -> None:
    contents = {
        "b.gz": gzip.compress(b"\0\0\x08\x01\0\0\0\x02" + bytes([7, 8])),
        "a.gz": gzip.compress(b"\0\0\x08\x02\0\0\0\x01\0\0\0\x03" + bytes([1, 2, 3])),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("MNIST_MIRROR", str(tmp_path))
    first, second = load_idx_files("MNIST", md5_of(contents), "MNIST_MIRROR")
    assert first.tolist() == [7, 8]
    assert second.tolist() == [[1, 2, 3]]


def test_an_idx_file_that_is_broken_inside_is_named(tmp_path, monkeypatch) -> None:
    contents = {"a.gz": gzip.compress(b"\0\0\x08\x01\0\0\0\x02" + bytes([7]))}
    (tmp_path / "a.gz").write_bytes(contents["a.gz"])
    monkeypatch.setenv("MNIST_MIRROR", str(tmp_path))
    with pytest.raises(DataError, match=r"^a\.gz: its header promises 2 bytes"):
        load_idx_files("MNIST", md5_of(contents), "MNIST_MIRROR")


def with_login(server: str, login: str) -> str:
    return server.replace("://", f"://{login}@")


def test_the_login_of_a_url_is_used_and_never_printed(server, capsys) -> None:
    members = f"{with_login(server, 'a%20user:sec%40ret')}/members"
    assert fetch_from(members) == CONTENT
    with pytest.raises(DownloadError) as caught:
        fetch_from(f"{members}/no/such", f"{with_login(server, 'a%20user:wrong')}/members")
    said = str(caught.value) + capsys.readouterr().err
    host = server.removeprefix("http://")
    assert f"http://***@{host}/members: images.gz: HTTP status 401" in said
    for secret in ("user", "sec", "ret", "wrong"):
        assert secret not in said.replace("a user", "")


@pytest.mark.parametrize(
    "login", ["me:sec/ret", "me:sec/r et", "me:12/r et", "me:sec[ret", "me:s@r"]
)
def test_a_login_that_breaks_the_url_is_not_printed_either(server, capsys, login) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch_from(f"{with_login(server, login)}/missing")
    said = str(caught.value) + capsys.readouterr().err
    assert "http://***@127.0.0.1:" in said
    assert not [part for part in ("sec", "r et", "me:", "s@r") if part in said]


def test_a_redirect_to_another_server_does_not_take_the_login_along(server) -> None:
    with pytest.raises(DownloadError, match="HTTP status 401"):
        fetch_from(f"{with_login(server, 'a%20user:sec%40ret')}/elsewhere")


@pytest.mark.parametrize("mirror", ["file:///usr/share", "ftp://me:secret@host", "s3://bucket"])
def test_a_url_of_another_kind_is_no_folder(mirror) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch_from(mirror)
    assert "is neither a folder nor an http(s) URL" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_pipe_a_device_or_a_huge_file_in_the_mirror_is_named(tmp_path) -> None:
    path = tmp_path / NAMES[0]
    for make, reason in (
        (os.mkfifo, "it is a pipe, a device or a socket"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a pipe, a device or a socket"),
        (sparse, "it has 1,099,511,627,776 bytes, over 33,554,432"),
    ):
        make(path)
        with pytest.raises(DownloadError, match=f"{NAMES[0]}: {reason}"):
            fetch_from(str(tmp_path))
        path.unlink()


def sparse(path: Path) -> None:
    """A file that takes no room on the disk."""
    path.touch()
    os.truncate(path, 2**40)
