"""What the project's files import, read from their text."""

import ast
from pathlib import Path

from committed import ROOT

# Imported, yet in no stage's deps: an edit of these cannot change what a stage writes.
NEVER_DEPS = {
    "stages/_stage.py": "finds the package, refuses and reports",
    "stages/_guard.py": "refuses",
    "src/mnist_vae/choices.py": "finds the file that a parameter names, which is a dep itself",
    "src/mnist_vae/errors.py": "the wording of refusals",
    "src/mnist_vae/params.py": "reads and refuses; DVC tracks the values themselves",
    "src/mnist_vae/regular_file.py": "hands the content on as it is, or refuses",
    "src/mnist_vae/sections.py": "what params.py refuses",
    "src/mnist_vae/strict_yaml.py": "how params.py reads",
    "src/mnist_vae/datasets/_http.py": "fetches what _mirrors.py accepts by its MD5 alone",
    "src/mnist_vae/machine/arithmetic.py": "checks, and refuses",
    "src/mnist_vae/machine/limits.py": "decides speed, and refuses",
    "src/mnist_vae/machine/load.py": "decides speed",
    "src/mnist_vae/files/checks.py": "refuses, and changes nothing that it lets pass",
    "src/mnist_vae/training/same_steps.py": "compares, refuses, and restores what it moved",
    "src/mnist_vae/files/zip_archive.py": "verifies the content and hands it on as it is",
}
# A data set's file imports these inside load(), which only download calls.
ONLY_DOWNLOAD = {"src/mnist_vae/datasets/_mirrors.py", "src/mnist_vae/datasets/_idx.py"}
# Every stage calls it through _stage.py, before any library loads.
ENVIRONMENT = {"src/mnist_vae/machine/environment.py", "src/mnist_vae/machine/cpu.py"}
CHOICES = {
    "mnist_vae.choices.DATASETS": "src/mnist_vae/datasets/${dataset}.py",
    "mnist_vae.choices.NETWORKS": "src/mnist_vae/model/networks/${model.network}.py",
    "mnist_vae.choices.LIKELIHOODS": "src/mnist_vae/model/likelihoods/${model.likelihood}.py",
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


def reached(path: str, follow_all: bool = False) -> set[str]:
    """The files that `path` imports, directly or not, with those that a parameter chooses and, for
    the sake of deps, what any choice imports.

    Files that are never deps are not followed, unless `follow_all`.
    """
    seen: set[str] = set()
    queue = [path]
    while queue:
        current = queue.pop()
        if current in seen or (current in NEVER_DEPS and not follow_all):
            continue
        seen.add(current)
        if "$" not in current:
            modules = imported(ROOT / current)
            queue += files_of(modules)
            queue += [file for name, file in CHOICES.items() if name in modules]
        elif not follow_all:
            queue += imported_by_a_choice((ROOT / current).parent)
    return seen


def imported_by_a_choice(folder: Path) -> set[str]:
    """What any of the folder's files imports: DVC's templating names one, not what it imports."""
    files = (files_of(imported(file)) for file in folder.glob("[!_]*.py"))
    return set().union(*files) - NEVER_DEPS.keys() - ONLY_DOWNLOAD
