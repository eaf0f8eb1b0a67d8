"""What make does with the mirrors and with a .venv that was moved, without a download."""

import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from default_run import ROOT

# Stands for .venv/bin/python: notes how it was called, and its `dvc repro download` fails.
FAKE = """#!/bin/sh
echo "$@" >> calls
[ "$*" != "-m dvc repro download" ] && exit
echo "error: no mirror delivered MNIST (...)" >&2
exit 1
"""


def make(folder: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=env | changes, capture_output=True, text=True
    )


def new_project(folder: Path) -> Path:
    """The Makefile alone, and pins of nothing."""
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    for pins in ("requirements.txt", "requirements-test.txt"):
        (folder / pins).write_text("")
    return folder


def repro_without_mnist(folder: Path, mirror: str) -> tuple[int, list[str]]:
    """The status, and the calls of dvc, where MNIST cannot be had."""
    project = new_project(folder / "project")
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").write_text(FAKE)
    (project / ".venv" / "bin" / "python").chmod(0o755)
    (project / ".venv" / ".installed").touch()
    done = make(project, MNIST_MIRROR=mirror)
    calls = (project / "calls").read_text().splitlines()
    return done.returncode, [call for call in calls if call.startswith("-m dvc")]


def test_without_a_mirror_the_embedded_digits_are_used(tmp_path) -> None:
    status, calls = repro_without_mnist(tmp_path, mirror="")
    assert status == 0
    assert calls == ["-m dvc repro download", "-m dvc exp run -S dataset=mnist_5k", "-m dvc repro"]


def test_a_mirror_that_the_user_named_must_deliver(tmp_path) -> None:
    status, calls = repro_without_mnist(tmp_path, mirror="/typo")
    assert status != 0
    assert calls == ["-m dvc repro download"]


def runs(command: Path) -> bool:
    try:
        return subprocess.run([command, "--version"], capture_output=True).returncode == 0
    except FileNotFoundError:  # its first line names a Python that is not there
        return False


@pytest.mark.slow
def test_a_venv_that_was_moved_is_made_anew_and_another_is_left_alone(tmp_path) -> None:
    target, python = ".venv/.installed", f"PYTHON={sys.executable}"
    old, moved = new_project(tmp_path / "it's old"), tmp_path / "moved"
    linked = new_project(tmp_path / "linked")  # now: pins newer than .venv would renew it
    assert make(old, target, python).returncode == 0
    assert runs(old / ".venv/bin/pip")
    assert "up to date" in make(old, target, python).stdout
    (linked / ".venv").symlink_to(old / ".venv")
    assert "up to date" in make(linked, target, python).stdout

    old.rename(moved)
    assert not runs(moved / ".venv/bin/pip")
    done = make(moved, target, python)
    assert done.returncode == 0, done.stderr
    assert runs(moved / ".venv/bin/pip")
    assert make(moved, ".venv/.tested", python).returncode == 0
    assert str(moved) in (moved / ".venv/bin/activate").read_text()
    assert "up to date" in make(moved, target, python).stdout


no_gpu = pytest.mark.skipif(
    Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi") is not None,
    reason="has an NVIDIA GPU",
)
WHEEL = {
    "torch/__init__.py": "",
    "torch-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: torch\nVersion: 9.9\n",
    "torch-9.9.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nTag: py3-none-any\n",
    "torch-9.9.dist-info/RECORD": "",
}


@pytest.fixture
def index(tmp_path) -> Iterator[str]:
    """An index with a small torch, as PyTorch's own has one for the CPU."""
    folder = tmp_path / "index" / "torch"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "torch-9.9-py3-none-any.whl", "w") as wheel:
        for name, text in WHEEL.items():
            wheel.writestr(name, text)
    (folder / "index.html").write_text('<a href="torch-9.9-py3-none-any.whl">torch</a>')
    handler = partial(QuietHandler, directory=str(tmp_path / "index"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.slow
@no_gpu
def test_without_a_gpu_torch_comes_from_its_own_index_if_that_answers(tmp_path, index) -> None:
    project, python = new_project(tmp_path / "project"), f"PYTHON={sys.executable}"
    (project / "requirements.txt").write_text("torch==9.9\n")
    (project / "src").mkdir()
    own = {"PIP_CONFIG_FILE": os.devnull, "PIP_CONSTRAINT": "", "PIP_FIND_LINKS": ""}
    done = make(project, ".venv/.installed", python, f"TORCH_INDEX={index}", **own)
    assert done.returncode == 0, done.stderr
    assert f"make: torch for the CPU, some 200 MB, from {index} (TORCH=default: " in done.stdout
    said = subprocess.check_output([project / ".venv/bin/pip", "list"], text=True)
    assert re.search(r"^torch +9\.9$", said, re.MULTILINE)
    where = [project / ".venv/bin/python", "-c", "import sys; print(sys.path)"]
    assert str(project / "src") in subprocess.check_output(where, text=True)


@no_gpu
def test_an_index_without_the_pinned_torch_leaves_the_choice_to_pip(tmp_path, index) -> None:
    project = new_project(tmp_path / "project")
    (project / "src").mkdir()
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/pyvenv.cfg").touch()
    python = project / "python"  # makes and installs nothing, and finds nothing in that index
    python.write_text(
        '#!/bin/sh\ncase "$*" in *--index-url*) exit 1;; "-m "* | *mnist_vae.pth*) exit;; esac\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    (project / ".venv/bin/python").symlink_to(python)
    target, own = ".venv/.installed", [f"PYTHON={python}", f"TORCH_INDEX={index}"]
    done = make(project, target, *own)
    assert done.returncode == 0, done.stderr
    assert re.findall("make: (torch for the CPU|what pip chooses)", done.stdout) == [
        "torch for the CPU",
        "what pip chooses",
    ]
    insisting = make(project, target, *own, "TORCH=cpu", "-B")
    assert insisting.returncode != 0
    assert "what pip chooses" not in insisting.stdout
    (project / "nvidia-smi").symlink_to("/bin/true")
    with_gpu = make(project, target, *own, "-B", PATH=f"{project}:{os.environ['PATH']}")
    assert with_gpu.returncode == 0
    assert "torch for the CPU" not in with_gpu.stdout


def test_a_venv_with_files_of_something_else_is_not_emptied(tmp_path) -> None:
    project, thesis = new_project(tmp_path / "project"), tmp_path / "precious/thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("years")
    (project / ".venv").symlink_to(thesis.parent)
    done = make(project, ".venv/.installed", f"PYTHON={sys.executable}")
    assert done.returncode != 0
    assert "make: .venv is not empty, but no Python environment" in done.stderr
    assert thesis.read_text() == "years"


@pytest.mark.slow
def test_otherwise_the_choice_is_pips_and_said(tmp_path) -> None:
    """Into a folder elsewhere, of which .venv is a link to a link; it was purged."""
    project, elsewhere = new_project(tmp_path / "project"), tmp_path / "scratch space"
    (project / ".venv").symlink_to("link")
    (project / "link").symlink_to(elsewhere)
    nowhere = "TORCH_INDEX=http://127.0.0.1:9"
    done = make(project, ".venv/.installed", f"PYTHON={sys.executable}", nowhere)
    assert done.returncode == 0, done.stderr
    assert "make: what pip chooses; on Linux its torch may bring CUDA" in done.stdout
    assert runs(elsewhere / "bin/pip")
    assert "up to date" in make(project, ".venv/.installed", f"PYTHON={sys.executable}").stdout
