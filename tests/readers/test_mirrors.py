"""Every bad mirror, played by a local HTTP server."""

import base64
import contextlib
import gzip
import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from mnist_vae.errors import DownloadError
from mnist_vae.params.loading import load_description
from mnist_vae.readers import http, mirrors
from mnist_vae.readers.mirrors import fetch_all, load_idx_files

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
        plain = {
            "missing": (404, b"", 0),
            "html": (200, b"<!doctype html><p>Log in first", None),
            "wrong": (200, content[::-1], None),
            "short": (200, content[:100], len(content)),
            "endless": (200, b"x" * 200_000, None),
        }
        if fault in plain:
            return self.answer(*plain[fault])
        if fault == "redirecting":
            return self.answer(302, b"", 0, ("Location", f"/html/{name}"))
        if fault == "dripping":
            self.answer(200, b"", len(content))
            return self.drip(content)
        if fault == "members":
            login = base64.b64encode(b"a user:sec@ret").decode()
            if self.headers["Authorization"] != f"Basic {login}":
                return self.send_error(401)
        if fault == "elsewhere":  # another server, as far as HTTP knows
            host = self.headers["Host"].replace("127.0.0.1", "localhost")
            location = ("Location", f"http://{host}/members/{name}")
            return self.answer(302, b"", 0, location)
        if fault == "hanging":
            self.answer(200, content[:100], len(content))
            return time.sleep(0.6)
        return self.answer(200, content)

    def drip(self, content: bytes) -> None:
        with contextlib.suppress(OSError):  # until the client is gone
            for byte in content:
                self.wfile.write(bytes([byte]))
                time.sleep(0.02)

    def answer(
        self, status: int, content: bytes, length: int | None = None, *headers: tuple[str, str]
    ) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for header in headers:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch) -> Iterator[str]:
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(http, "FILE_SECONDS", 0.3)
    monkeypatch.setattr(mirrors, "MAX_BYTES", 100_000)
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


FAULTS = {
    "missing": "HTTP status 404",
    "redirecting": "an HTML page instead of the file",
    "wrong": "2,000 wrong bytes instead of the file",
    "short": "ended after 100 of 2,000 bytes",
    "endless": "more than 100,000 bytes",
    "hanging": "no byte for 0.2 seconds",
    "dripping": "not complete after 0.3 seconds",
    "members": "HTTP status 401",
}


@pytest.mark.parametrize(("fault", "reason"), FAULTS.items(), ids=FAULTS)
def test_a_bad_mirror_is_named_and_the_next_one_tried(server, capsys, fault, reason) -> None:
    assert fetch_from(f"{server}/{fault}/", f"{server}/good") == CONTENT
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"warning: {server}/{fault}/: images.gz: {reason}")


def test_when_no_mirror_is_left_the_error_names_each_and_what_to_do(server) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as closed:
        down = f"http://127.0.0.1:{closed.server_port}"
    kinds = "file:///usr/share", "ftp://me:secret@host"
    with pytest.raises(DownloadError) as caught:
        fetch_from(f"{server}/missing", down, "no/such/folder", "http://[bad", *kinds)
    line = str(caught.value)
    assert line.startswith("no mirror delivered MNIST (")
    assert f"{server}/missing: images.gz: HTTP status 404" in line
    assert f"{down}: images.gz: [Errno 111] Connection refused" in line
    assert "no/such/folder: images.gz: No such file or directory" in line
    assert "http://[bad: images.gz: " in line
    assert line.count("is neither a folder nor an http(s) URL") == 2
    assert "secret" not in line
    assert "Set MNIST_MIRROR to a folder or an http(s) URL" in line
    assert "dvc exp run -S dataset=mnist_5k" in line
    assert "\n" not in line


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(b"\0\0\x08" + bytes([array.ndim]) + sizes + array.tobytes())


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "kmnist"])
def test_each_data_set_comes_from_its_own_mirror_in_the_order_of_its_files(
    name, tmp_path, monkeypatch
) -> None:
    """The mirror is a folder beside the repository, whose root DVC_ROOT names in a queue."""
    idx_files, rng = load_description(name).idx, np.random.default_rng(0)
    assert idx_files
    arrays = [rng.integers(0, 256, shape, np.uint8) for shape in ((9, 28, 28), 9, (3, 28, 28), 3)]
    contents = {file: idx(array) for file, array in zip(idx_files.files, arrays, strict=True)}
    (tmp_path / "own").mkdir()
    for file, content in contents.items():
        (tmp_path / "own" / file).write_bytes(content)
    idx_files = idx_files.model_copy(update={"files": md5_of(contents)})
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "repository"))
    (tmp_path / "repository").mkdir()
    for others in ("MNIST_MIRROR", "FASHION_MNIST_MIRROR", "KMNIST_MIRROR"):
        monkeypatch.setenv(others, "no/such/folder")
    with pytest.raises(DownloadError, match=f"Set {name.upper()}_MIRROR to a folder"):
        load_idx_files(name, idx_files)
    monkeypatch.setenv(f"{name.upper()}_MIRROR", str(Path("..") / "own"))
    found = load_idx_files(name, idx_files)
    assert all(np.array_equal(a, b) for a, b in zip(found, arrays, strict=True))


def with_login(server: str, login: str) -> str:
    return server.replace("://", f"://{login}@")


def test_the_login_of_a_url_is_used_and_never_printed(server, capsys) -> None:
    ours = with_login(server, "a%20user:sec%40ret")
    assert fetch_from(f"{ours}/members") == CONTENT
    with pytest.raises(DownloadError) as caught:
        fetch_from(f"{ours}/missing", f"{with_login(server, 'a%20user:wrong')}/members")
    said = str(caught.value) + capsys.readouterr().err
    host = server.removeprefix("http://")
    assert f"http://***@{host}/members: images.gz: HTTP status 401" in said
    for secret in ("user", "sec", "ret", "wrong"):
        assert secret not in said


@pytest.mark.parametrize("login", ["me:sec/r et", "me:12/r et", "me:sec[ret", "me:s@r"])
def test_a_login_that_breaks_the_url_is_not_printed_either(server, capsys, login) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch_from(f"{with_login(server, login)}/missing")
    said = str(caught.value) + capsys.readouterr().err
    assert "http://***@127.0.0.1:" in said
    assert not [part for part in ("sec", "r et", "me:", "s@r") if part in said]


def test_a_redirect_to_another_server_does_not_take_the_login_along(server) -> None:
    with pytest.raises(DownloadError, match="HTTP status 401"):
        fetch_from(f"{with_login(server, 'a%20user:sec%40ret')}/elsewhere")
