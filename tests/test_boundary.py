"""stages/_stage.py around a toy stage: what appears, what is refused, what is said."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from clone import wait_for
from committed import ROOT

TOY = '''"""Write two outs.

reads   params.yaml, input.txt
writes  a.txt, b.txt
"""

import sys
import time
from pathlib import Path

from _stage import run

from mnist_vae.files.outs import write_out


def main():
    print("started", flush=True)
    write_out(Path("a.txt"), b"new a")
    Path("running").touch()
    while Path("wait").exists():
        time.sleep(0.01)
    write_out(Path("b.txt"), b"new b")
    if Path("fault.py").exists():
        exec(Path("fault.py").read_text())
    return lambda: Path("afterwards").touch()


if __name__ == "__main__":
    run(main)
'''
DVC_YAML = """
stages:
  toy:
    cmd: python stages/toy.py
    deps: [input.txt, '${model.network}.txt']
    params: [size, model.network, 'model.${model.network}']
"""
PARAMS = """
size: 1
other: 1
model: {network: mlp, mlp: {width: 2}, conv: {width: 3}}
"""


@pytest.fixture
def toy(tmp_path) -> Path:
    stages = tmp_path / "stages"
    stages.mkdir()
    for name in ("_stage.py", "_guard.py"):
        shutil.copy(ROOT / "stages" / name, stages)
    (stages / "toy.py").write_text(TOY)
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / "params.yaml").write_text(PARAMS)
    for name in ("input", "mlp", "conv", "a", "b"):
        (tmp_path / f"{name}.txt").write_text("old")
    return tmp_path


def run(toy: Path, redirection: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = f'"{sys.executable}" -E stages/toy.py {redirection}'
    env = {k: v for k, v in os.environ.items() if not k.startswith("DVC_")} | environment
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=toy, env=env, capture_output=True, text=True,
    )  # fmt: skip


def outs(toy: Path) -> list[str]:
    assert not list(toy.glob(".*.tmp"))
    return [(toy / name).read_text() for name in ("a.txt", "b.txt")]


def run_and_edit(toy: Path, name: str, old: str, new: str) -> subprocess.CompletedProcess[str]:
    """Edit a file while the stage runs."""
    (toy / "wait").touch()
    command = [sys.executable, "-E", "stages/toy.py"]
    stage = subprocess.Popen(
        command, cwd=toy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: (toy / "running").exists() or stage.poll() is not None)
    text = (toy / name).read_text()
    assert old in text
    (toy / name).write_text(text.replace(old, new))
    (toy / "wait").unlink()
    said = stage.communicate(timeout=60)
    return subprocess.CompletedProcess(command, stage.returncode, *said)


def test_the_outs_appear_together_and_what_follows_comes_after(toy) -> None:
    done = run(toy)
    assert (done.returncode, done.stderr) == (0, "")
    assert outs(toy) == ["new a", "new b"]
    assert (toy / "afterwards").exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("params.yaml", "size: 1", "size: 2", "params.yaml: size changed from 1 to 2 while"),
        ("params.yaml", "width: 2", "width: 9", "model.mlp.width changed from 2 to 9 while"),
        ("params.yaml", "network: mlp", "network: conv", "model.network changed from 'mlp' to"),
        ("params.yaml", "size: 1", "size: [", "params.yaml or dvc.yaml: changed while"),
        ("input.txt", "old", "new", "input.txt: changed while"),
        ("mlp.txt", "old", "new", "mlp.txt: changed while"),
    ],
)
def test_an_edit_of_what_the_stage_uses_discards_its_results(toy, name, old, new, said) -> None:
    done = run_and_edit(toy, name, old, new)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert outs(toy) == ["old", "old"]
    assert not (toy / "afterwards").exists()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("params.yaml", "other: 1", "other: 2"),
        ("params.yaml", "width: 3", "width: 9"),
        ("conv.txt", "old", "new"),
    ],
)
def test_an_edit_of_anything_else_does_not(toy, name, old, new) -> None:
    assert run_and_edit(toy, name, old, new).returncode == 0
    assert outs(toy) == ["new a", "new b"]


def test_a_stage_that_outlived_its_dvc_leaves_the_outs_alone(toy) -> None:
    """The shell stands for dvc: it starts the stage and is killed."""
    (toy / "wait").touch()
    script = f'"{sys.executable}" -E stages/toy.py 2> said; true'
    dvc = subprocess.Popen([sys.executable, "-c", f"import os; os.system({script!r})"], cwd=toy,
                           env=os.environ | {"DVC_ROOT": str(toy)})  # fmt: skip
    wait_for((toy / "running").exists)
    dvc.send_signal(signal.SIGKILL)
    dvc.wait()
    (toy / "wait").unlink()
    wait_for(lambda: (toy / "said").read_text())
    assert (toy / "said").read_text().startswith("error: dvc is gone")
    assert outs(toy) == ["old", "old"]


def test_a_stage_that_fails_leaves_the_outs_alone(toy) -> None:
    (toy / "fault.py").write_text("raise ValueError('a bug')")
    done = run(toy)
    assert done.returncode == 1
    assert "ValueError: a bug" in done.stderr, "a bug keeps its traceback"
    assert outs(toy) == ["old", "old"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("raise MemoryError", "error: not enough memory\n"),
        ("raise MemoryError('Unable to allocate 4 GiB')", "error: not enough memory: Unable to"),
        ("raise RuntimeError('x\\nCUDA out of memory')", "error: not enough memory: CUDA out"),
        ("raise ImportError('a.so: failed to map segment')", "error: not enough memory: a.so"),
        ("import no_such_library", "error: No module named 'no_such_library'; `make repro`"),
        ("raise KeyboardInterrupt", "error: interrupted\n"),
    ],
)
def test_what_is_no_fault_of_the_code_is_one_line(toy, fault, said) -> None:
    (toy / "fault.py").write_text(fault)
    done = run(toy)
    assert done.returncode != 0
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("redirection", "said"),
    [
        ("> /dev/full", "error: standard output: No space left on device\n"),
        ("| true", "error: standard output: closed by its reader\n"),
    ],
)
def test_a_stdout_that_takes_no_more_is_one_line(toy, redirection, said) -> None:
    (toy / "fault.py").write_text("print('x' * 10**6)")  # more than a pipe holds
    done = run(toy, redirection)
    assert done.returncode == 1
    assert done.stderr == said


def test_a_closed_stdout_does_no_harm(toy) -> None:
    assert run(toy, ">&-").returncode == 0
    assert outs(toy) == ["new a", "new b"]


def test_python_settings_of_the_shell_do_not_reach_the_stage(toy) -> None:
    assert run(toy, PYTHONSAFEPATH="1", PYTHONPATH="/nowhere").returncode == 0
