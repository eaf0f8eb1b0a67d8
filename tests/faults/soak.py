"""`make soak`: kill -9 a training run at random moments, again and again; it must always resume.

`python tests/faults/soak.py 50` makes 50 kills, on the embedded digits. It ends with status 1 if a
killed run ever gives other bytes than an undisturbed one, or if none ever resumed.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from clone import DVC, Clone  # noqa: E402  (after the line that finds it)

LONG = {"dataset": "mnist_5k", "train__epochs": 200}
cured: list[str] = []  # dvc's complaints about its own files that a kill had cut short


def train(clone: Clone, log: Path, seconds: float | None = None) -> bool:
    """`dvc repro train`, killed after `seconds` with all that it started; whether it finished."""
    dvc = clone.start(*DVC, "repro", "train", output=log)
    try:
        status = dvc.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(dvc.pid, signal.SIGKILL)
        dvc.wait()
        return False
    if status and clone.cure(log.read_text()):
        cured.append(log.read_text())
        return train(clone, log, seconds)
    if status:
        raise SystemExit(log.read_text())
    return True


def main(kills: int) -> None:
    rng = random.Random(0)
    done, resumed, finished, equal = 0, 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        undisturbed = Clone(Path(folder) / "undisturbed", **LONG)
        undisturbed.dvc("repro", "download")
        start = time.perf_counter()
        undisturbed.dvc("repro", "train")
        whole = time.perf_counter() - start
        wanted = undisturbed.outs("train")
        clone = Clone(Path(folder) / "clone", **LONG)
        clone.dvc("repro", "download")
        with tqdm(total=kills, unit="kill", disable=None) as bar:
            while done < kills:
                ended = train(clone, log, seconds=rng.uniform(0.5, 0.9 * whole))
                resumed += "resumes after epoch" in log.read_text()
                done += not ended
                bar.update(not ended)
                if ended:
                    finished += 1
                    equal += clone.outs("train") == wanted
                    start_over(clone)
        train(clone, log)
        finished += 1
        equal += clone.outs("train") == wanted
        left = [str(p) for p in clone.path.rglob(".*.tmp")]
    print(
        f"{done} kills, {resumed} resumes; {finished} runs finished, {equal} of them with the "
        f"bytes of the undisturbed run; temporary files left: {len(left)}; files of DVC's own cut "
        f"short, and repaired as documented: {len(cured)}"
    )
    sys.exit(equal != finished or not resumed)


def start_over(clone: Clone) -> None:
    """Delete the result: from the workspace, the run cache and dvc.lock."""
    clone.git("checkout", "--quiet", ".")
    shutil.rmtree(clone.path / ".dvc" / "cache" / "runs", ignore_errors=True)
    for name in ("models/vae.pt", "dvc.lock"):
        (clone.path / name).unlink(missing_ok=True)
    clone.dvc("repro", "download")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
