"""The page's JavaScript modules, and the one script that they become."""

import re
import subprocess
from graphlib import CycleError
from pathlib import Path

import pytest
from javascript import NODE

from mnist_vae.page.build import EXPORT, FOLDER, IMPORT, script

MODULES = sorted(FOLDER.rglob("*.js"))


def identifiers(source: str) -> set[str]:
    """Those that are no property, no key, and in no comment or plain string."""
    code = re.sub(r'//.*|"[^"\n]*"|\.\.\.', " ", source)
    return set(re.findall(r"(?<![.\w])[A-Za-z]\w*\b(?!:)", code))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_what_it_uses_of_others_and_no_more(path) -> None:
    """Node says so only of what it happens to run, the page's one scope never."""
    source = path.read_text()
    imported = set(re.findall(r"\w+", " ".join(names for names, _ in IMPORT.findall(source))))
    others = [file.read_text() for file in MODULES if file != path]
    exported = {name for other in others for name in EXPORT.findall(other)}
    assert identifiers(IMPORT.sub("", source)) & exported == imported


def test_the_script_is_what_a_browser_takes_with_no_name_twice(tmp_path) -> None:
    """A module may declare a name once; a script would let functions replace each other."""
    file = tmp_path / "script.mjs"
    file.write_text(script(FOLDER))
    done = subprocess.run([NODE, "--check", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"^(im|ex)port\b", file.read_text(), re.MULTILINE)


def write(folder: Path, **modules: str) -> Path:
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source)
    return folder


def test_each_module_comes_after_those_that_it_imports(tmp_path) -> None:
    folder = write(
        tmp_path,
        a='import { b, c } from "./b.js";\nconsole.log(b + c);\n',
        b='import { d } from "./d.js";\n\nexport const b = d;\nexport function c() {}\n',
        d="export const d = 4;\n",
    )
    joined = script(folder)
    assert joined == "const d = 4;\n\n\nconst b = d;\nfunction c() {}\n\nconsole.log(b + c);\n"


def test_what_no_module_exports_and_circles_are_refused(tmp_path) -> None:
    folder = write(tmp_path, a='import { b } from "./b.js";\n', b="const b = 1;\n")
    with pytest.raises(ImportError, match=r"a\.js: \./b\.js exports no b"):
        script(folder)
    write(folder, b='import { a } from "./a.js";\nexport const b = 1;\n')
    write(folder, a='import { b } from "./b.js";\nexport const a = 1;\n')
    with pytest.raises(CycleError):
        script(folder)
