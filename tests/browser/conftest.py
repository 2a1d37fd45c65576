"""One server and one Chromium for all browser tests; a page of its own for every test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.board import SCREEN, WAIT, Board
from tests.browser.serving import Server

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def unavailable(reason: str) -> None:
    """Without a browser these tests are skipped, except where the environment asks for them."""
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(f"REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Any:
    """With a test that fails goes what its pages show at that moment."""
    report = yield
    if report.when == "call" and report.failed and "browser" in item.funcargs:
        pages = [page for context in item.funcargs["browser"].contexts for page in context.pages]
        report.sections += [("what the page shows", seen_on(page)) for page in pages]
    return report


def seen_on(page: Any) -> str:
    """Its address, what Streamlit says about itself, and its text."""
    try:
        return page.evaluate(
            """() => [location.href, ...["Connection", "Script"].map(name =>
                document.querySelector("[data-test-script-state]")?.dataset[`test${name}State`]),
                document.body.innerText.slice(0, 2000)].join("\\n")"""
        )
    except Exception as error:  # the report of another failure is not to fail
        return f"cannot be read: {error}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium: the system's own, else the one that Playwright downloads."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        unavailable("playwright is not installed (pip install -r tests/requirements.txt)")
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        except Error as error:
            unavailable(f"no Chromium could be started: {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a free port. `browser` comes first: where there is none, no server is started."""
    started = Server(tmp_path_factory.mktemp("server"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def shared(browser: Any) -> Any:
    """A context that keeps its cache from test to test; every page in it is a session of its own."""
    return browser.new_context(viewport=SCREEN)


@pytest.fixture
def board(browser: Any, shared: Any, server: Server) -> Iterator[Callable[..., Board]]:
    """board() → a Board in a new page, with options in a new context; at the end, nothing may have failed."""
    contexts, boards, logged = [], [], len(server.logged())

    def make(fresh: bool = False, **options: Any) -> Board:
        if fresh or options:
            contexts.append(browser.new_context(**{"viewport": SCREEN, **options}))
        boards.append(Board((contexts[-1] if fresh or options else shared).new_page(), server.url))
        return boards[-1]

    yield make
    failed = [text for made in boards for text in made.page.get_by_test_id("stException").all_inner_texts()]
    for made in boards:
        made.page.close()
    for context in contexts:
        context.close()
    assert failed == []
    assert [fault for made in boards for fault in made.faults] == []
    assert "Traceback" not in server.logged()[logged:], server.logged()[logged:]


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Callable[[str, str], Any]]:
    """visit(path, selector) → a page of its own context, showing the selector; in the end nothing may have failed."""
    context, logged = browser.new_context(viewport=SCREEN), len(server.logged())
    page, faults = context.new_page(), []
    page.set_default_timeout(WAIT)
    page.on("pageerror", lambda error: faults.append(str(error)))

    def go(path: str, selector: str) -> Any:
        page.goto(server.url + path)
        page.wait_for_selector(selector)
        return page

    yield go
    failed = page.get_by_test_id("stException").all_inner_texts()
    context.close()
    assert failed == []
    assert faults == []
    assert "Traceback" not in server.logged()[logged:], server.logged()[logged:]
