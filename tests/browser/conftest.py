"""The report in Chromium, without a network, where there is one."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_actions import settle
from playwright.sync_api import Browser, Page, sync_playwright
from small_runs import SmallRun, make_run

NAMES = "chromium", "chromium-browser", "google-chrome"
FOUND = next(filter(None, map(shutil.which, NAMES)), None)
Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not FOUND:
        pytest.skip(f"needs a browser: none of {', '.join(NAMES)} is installed")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=FOUND, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Opener]:
    """Opens a file; at the end, nothing may have been requested, logged or thrown."""
    contexts, complaints = [], []

    def watch(request: Any) -> None:
        if not request.url.startswith(("file:", "data:")):
            complaints.append(f"request: {request.url}")

    def visit(path: Path, fragment: str = "", **options: Any) -> Page:
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", watch)
        page.goto(path.as_uri() + fragment)
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html.running")
            settle(page)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


class Written:
    """A run and its page on disk."""

    def __init__(self, run: SmallRun) -> None:
        self.run, self.path = run, run.folder / "index.html"
        self.path.write_bytes(run.page())


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Callable[..., Written]:
    """Pages of runs by their parameters, each made once."""
    made: dict[str, Written] = {}

    def make(**changes: Any) -> Written:
        key = repr(sorted(changes.items()))
        if key not in made:
            made[key] = Written(make_run(tmp_path_factory.mktemp("run"), **changes))
        return made[key]

    return make


@pytest.fixture(scope="session")
def trained(written) -> Written:
    """Two dimensions, trained long enough to tell a 1 from the rest."""
    return written(epochs=15, train=4000, test=1000)
