"""One server for all browser tests; a page for every file, and one of its own for every test that needs it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from tests.browser.board import SCREEN, Board
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
    if report.when == "call" and report.failed:
        contexts = item.funcargs["browser"].contexts if "browser" in item.funcargs else []
        contexts = [*contexts, item.funcargs["shared"]] if "shared" in item.funcargs else contexts
        pages = [page for context in contexts for page in context.pages]
        report.sections += [("what the page shows", seen_on(page)) for page in pages]
        if "tab" in item.funcargs:
            item.funcargs["tab"].leave()  # the next test is not to suffer from what is left of this one
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
def chromium() -> Iterator[Any]:
    """Chromium as Playwright starts it: the system's own, first the one without windows, which has less to do."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        unavailable("playwright is not installed (pip install -r tests/requirements.txt)")
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    options = {"executable_path": next(filter(None, map(shutil.which, names)), None), "args": FLAGS}
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(**options).close()
        except Error as error:
            unavailable(f"no Chromium could be started: {error.message.splitlines()[0]}")
        yield SimpleNamespace(
            launch=partial(playwright.chromium.launch, **options),
            with_profile=partial(playwright.chromium.launch_persistent_context, **options),
        )


@pytest.fixture(scope="session")
def browser(chromium: Any) -> Iterator[Any]:
    """One whose contexts know nothing of each other, and forget everything."""
    started = chromium.launch()
    yield started
    started.close()


@pytest.fixture(scope="session")
def server(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a free port. `chromium` comes first: where there is none, no server is started."""
    started = Server(tmp_path_factory.mktemp("server"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def shared(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Somebody's browser; every page in it is a session of its own. Only a profile on disk keeps compiled scripts:
    a page costs 2.5 s of work in it, 4 s in a fresh context."""
    context = chromium.with_profile(tmp_path_factory.mktemp("profile"), viewport=SCREEN)
    yield context
    context.close()


@pytest.fixture(scope="module")
def tab(shared: Any, server: Server) -> Iterator[Board]:
    """The page of a file's tests, which is loaded once."""
    made = Board(shared.new_page(), server.url)
    yield made
    made.page.close()


@pytest.fixture
def visit(tab: Board, server: Server) -> Iterator[Callable[..., Any]]:
    """visit(path, selector) → the file's page, opened at that address; `anew`: loaded anew, as a session of its own."""

    def go(path: str, selector: str, anew: bool = False) -> Any:
        if anew:
            tab.leave()
        tab.go(path).wait_for_selector(selector)
        return tab.page

    with nothing_fails(server, [tab]):
        yield go


@pytest.fixture
def opened(tab: Board, server: Server) -> Iterator[Callable[..., Board]]:
    """opened(scale=2, …) → the file's page as a Board, at Explore with these URL parameters."""
    with nothing_fails(server, [tab]):
        yield tab.open


@pytest.fixture
def board(browser: Any, shared: Any, server: Server) -> Iterator[Callable[..., Board]]:
    """board() → a Board in a page of its own, which is not loaded yet; with options in a new context."""
    contexts, boards = [], []

    def make(fresh: bool = False, **options: Any) -> Board:
        if fresh or options:
            contexts.append(browser.new_context(**{"viewport": SCREEN, **options}))
        boards.append(Board((contexts[-1] if fresh or options else shared).new_page(), server.url))
        return boards[-1]

    try:
        with nothing_fails(server, boards):
            yield make
    finally:
        for made in boards:
            made.page.close()
        for context in contexts:
            context.close()


@contextmanager
def nothing_fails(server: Server, boards: list[Board]) -> Iterator[None]:
    """In the end no page may have failed, and the server have logged no error."""
    logged = len(server.logged())
    for board in boards:
        board.faults.clear()
    yield
    assert [text for board in boards for text in board.page.get_by_test_id("stException").all_inner_texts()] == []
    assert [fault for board in boards for fault in board.faults] == []
    assert "Traceback" not in server.logged()[logged:], server.logged()[logged:]
