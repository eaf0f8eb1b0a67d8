"""stages/_stage.py around a toy stage: what counts, what is refused, what is said."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from clone import wait_for
from default_run import ROOT

TOY = '''"""Write two outs.

reads   params.yaml
writes  a.txt, b.txt
"""

import time
from pathlib import Path

from _stage import run

from mnist_vae.files.io import write_bytes


def main():
    print("started", flush=True)
    write_bytes(Path("a.txt"), b"new a")
    Path("running").touch()
    while Path("wait").exists():
        time.sleep(0.01)
    write_bytes(Path("b.txt"), b"new b")
    if Path("fault.py").exists():
        exec(Path("fault.py").read_text())
    return lambda: Path("afterwards").touch()


if __name__ == "__main__":
    run(main)
'''
PARAMS = "size: 1\nmodel: {mlp: {width: 2}}\nmachine: {threads: 1}\n"


@pytest.fixture
def toy(tmp_path) -> Path:
    stages = tmp_path / "stages"
    stages.mkdir()
    for name in ("_stage.py", "_guard.py"):
        shutil.copy(ROOT / "stages" / name, stages)
    (stages / "toy.py").write_text(TOY)
    (stages / "other.py").write_text("# another stage\n")
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "params.yaml").write_text(PARAMS)
    (tmp_path / "b.txt").write_text("old")
    return tmp_path


def run(toy: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-E", "stages/toy.py"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("DVC_")} | environment
    return subprocess.run(command, cwd=toy, env=env, capture_output=True, text=True)


def run_and_edit(toy: Path, edits: dict[str, tuple[str, str]]) -> str:
    """What the stage says on stderr; while it runs, each text in a file is replaced by another."""
    (toy / "wait").touch()
    command = [sys.executable, "-E", "stages/toy.py"]
    stage = subprocess.Popen(
        command, cwd=toy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: (toy / "running").exists() or stage.poll() is not None)
    for name, (old, new) in edits.items():
        text = (toy / name).read_text()
        assert old in text
        (toy / name).write_text(text.replace(old, new))
    (toy / "wait").unlink()
    _, said = stage.communicate(timeout=60)
    assert stage.returncode == bool(said)
    assert (toy / "afterwards").exists() == (not said)
    return said


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("params.yaml", "size: 1", "size: 2", "params.yaml: size changed from 1 to 2 while"),
        ("params.yaml", "width: 2", "width: 9", "params.yaml: model.mlp.width changed from 2 to 9"),
        ("params.yaml", "size: 1", "size: [", "params.yaml: size changed from 1 to None while"),
        ("stages/toy.py", "new b", "newer", "stages/toy.py: changed while"),
    ],
)
def test_results_do_not_count_if_what_decides_them_was_edited(toy, name, old, new, said) -> None:
    line = run_and_edit(toy, {name: (old, new)})
    assert line.startswith(f"error: {said}")
    assert line.count("\n") == 1


def test_an_edit_of_anything_else_does_no_harm(toy) -> None:
    edits = {"params.yaml": ("threads: 1", "threads: 2"), "stages/other.py": ("another", "an")}
    assert run_and_edit(toy, edits) == ""
    assert [(toy / name).read_text() for name in ("a.txt", "b.txt")] == ["new a", "new b"]


def test_a_stage_that_outlived_its_dvc_writes_no_more(toy) -> None:
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
    assert (toy / "b.txt").read_text() == "old"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("raise MemoryError", "error: not enough memory\n"),
        ("raise RuntimeError('x\\nCUDA out of memory')", "error: not enough memory: CUDA out"),
        ("raise ImportError('a.so: failed to map segment')", "error: not enough memory: a.so"),
        ("import no_such_library", "error: No module named 'no_such_library'; `make repro`"),
        ("raise KeyboardInterrupt", "error: interrupted\n"),
        ("raise ValueError('a bug')", "Traceback"),
    ],
)
def test_what_is_no_fault_of_the_code_is_one_line(toy, fault, said) -> None:
    (toy / "fault.py").write_text(fault)
    done = run(toy, PYTHONSAFEPATH="1", PYTHONPATH="/nowhere")  # neither reaches the stage
    assert done.returncode != 0
    assert done.stderr.startswith(said)
    assert (done.stderr.count("\n") == 1) == ("bug" not in fault)
    assert not (toy / "afterwards").exists()


def test_a_stage_stops_if_params_changed_since_its_dvc_ran_the_first_one(toy) -> None:
    """A second `dvc exp run -S`, which DVC refuses, has written its values by then. Here, the
    stages' parent is this process, as if it were dvc."""
    (toy / ".dvc" / "tmp").mkdir(parents=True)
    assert run(toy, DVC_ROOT=str(toy)).returncode == 0
    (toy / "params.yaml").write_text(PARAMS.replace("threads: 1", "threads: 2"))
    assert run(toy, DVC_ROOT=str(toy)).returncode == 0, "threads decide speed alone"
    (toy / "params.yaml").write_text(PARAMS.replace("size: 1", "size: 2"))
    (toy / "afterwards").unlink()
    done = run(toy, DVC_ROOT=str(toy))
    assert done.returncode == 1
    assert done.stderr.startswith("error: params.yaml: size 2 instead of 1, since this run began; ")
    assert not (toy / "afterwards").exists()
    assert run(toy).returncode == 0, "by hand"
    record = toy / ".dvc/tmp/params-of-run.json"
    record.write_text(record.read_text().replace("[[", "[[1"))
    assert run(toy, DVC_ROOT=str(toy)).returncode == 0, "another dvc"
