"""One server for all browser tests; a page of its own for every test, in a browser with a profile or in one without."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
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
    if report.when == "call" and report.failed:
        contexts = item.funcargs["browser"].contexts if "browser" in item.funcargs else []
        contexts = [*contexts, item.funcargs["shared"]] if "shared" in item.funcargs else contexts
        pages = [page for context in contexts for page in context.pages]
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
def visit(shared: Any, server: Server) -> Iterator[Callable[[str, str], Any]]:
    """visit(path, selector) → a page of its own, showing the selector; in the end nothing may have failed."""
    page, faults, logged = shared.new_page(), [], len(server.logged())
    page.set_default_timeout(WAIT)
    page.on("pageerror", lambda error: faults.append(str(error)))

    def go(path: str, selector: str) -> Any:
        page.goto(server.url + path)
        page.wait_for_selector(selector)
        return page

    yield go
    failed = page.get_by_test_id("stException").all_inner_texts()
    page.close()
    assert failed == []
    assert faults == []
    assert "Traceback" not in server.logged()[logged:], server.logged()[logged:]
