"""A browser for the tests of this folder."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from drawing import Histories
from programs import program

from browser.exhibits import EXHIBITS, Exhibit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Dialog, Page

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Shown(NamedTuple):
    """An open page; *events* are the dialogs, messages and errors that it caused."""

    page: Page
    events: list[str]


Show = Callable[[str, str], Shown]


def _package(name: str) -> Any:
    if os.environ.get("REQUIRE_READERS"):
        return importlib.import_module(name)
    return pytest.importorskip(name)


# Of the package, not of the session: while Playwright runs, no other test of the session
# could run an event loop.
@pytest.fixture(scope="package")
def context() -> Iterator[BrowserContext]:
    """Run Chromium, the one that is installed."""
    executable = program("chromium")
    with _package("playwright.sync_api").sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium.new_context()
        chromium.close()


@pytest.fixture(scope="package")
def show(context: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Show:
    """Return a function that opens a text, given its file name's suffix."""
    folder = tmp_path_factory.mktemp("shown")

    def open_file(content: str, suffix: str) -> Shown:
        file = folder / f"{len(context.pages)}{suffix}"
        file.write_text(content, encoding="utf-8")
        shown = Shown(context.new_page(), [])
        _watch(shown)
        shown.page.goto(file.as_uri())
        return shown

    return open_file


def _watch(shown: Shown) -> None:
    def close(dialog: Dialog) -> None:
        shown.events.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    shown.page.on("dialog", close)
    shown.page.on("console", lambda message: shown.events.append(message.text))
    shown.page.on("pageerror", lambda error: shown.events.append(error.message))


@pytest.fixture(scope="package")
def opened() -> dict[str, tuple[Exhibit, Shown]]:
    """Return the exhibits that are already open, by name."""
    return {}


@pytest.fixture(params=EXHIBITS)
def exhibited(
    request: pytest.FixtureRequest,
    show: Show,
    opened: dict[str, tuple[Exhibit, Shown]],
    six_neurons: Histories,
    hostile_neurons: Histories,
) -> tuple[Exhibit, Shown]:
    """Return each exhibit, and the page that shows it."""
    if request.param not in opened:
        exhibit = EXHIBITS[request.param](six_neurons, hostile_neurons)
        opened[request.param] = exhibit, show(exhibit.content, exhibit.suffix)
    return opened[request.param]


@pytest.fixture(scope="package")
def axe() -> str:
    """Return the source of axe-core."""
    _package("axe_playwright_python")
    source = files("axe_playwright_python") / "axe.min.js"
    return Path(str(source)).read_text(encoding="utf-8")
