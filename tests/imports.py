"""What the project's files import, read from their text."""

import ast
from pathlib import Path

from default_run import ROOT

# What a parameter names, as dvc.yaml writes it.
CHOICES = {
    "mnist_vae.params.plugins.NETWORKS": "src/mnist_vae/networks/${model.network}.py",
    "mnist_vae.params.plugins.LIKELIHOODS": "src/mnist_vae/likelihoods/${model.likelihood}.py",
}


def imported(path: Path) -> set[str]:
    """The modules that a file imports outside `if TYPE_CHECKING`, by dotted name."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def files_of(modules: set[str]) -> set[str]:
    """Those modules that are files of this project, as paths."""
    paths = {f"src/{name.replace('.', '/')}.py" for name in modules}
    paths |= {f"stages/{name}.py" for name in modules}
    return {path for path in paths if (ROOT / path).is_file()}


def reached(path: str, skip: tuple[str, ...] = ()) -> set[str]:
    """The files that `path` imports, directly or not, `path` among them, and those that a parameter
    names, as dvc.yaml writes them. What starts with one of `skip` is left out, and what only that
    imports."""
    seen: set[str] = set()
    queue = [path]
    while queue:
        current = queue.pop()
        if current in seen or current.startswith(skip):
            continue
        seen.add(current)
        if "$" not in current:
            modules = imported(ROOT / current)
            queue += files_of(modules)
            queue += [file for name, file in CHOICES.items() if name in modules]
    return seen
