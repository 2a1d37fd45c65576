"""One server and one Chromium for all browser tests; a page of its own for every test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import pytest

from explorer.config import Config
from explorer.figures.clipping import clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.theme import resolve
from explorer.figures.truncation import full_against_truncated
from explorer.live.frames import identity
from explorer.run import compare
from tests.conftest import free_port

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PICTURES = {  # in the order of the page
    "states": hidden_states,
    "truncation": full_against_truncated,
    "terms": gradient_terms,
    "clipping": clipping,
}
SCREEN = {"width": 1440, "height": 900}
START_SECONDS = 60
WAIT = 60_000  # ms: how long a page may take on a busy machine


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


class Server:
    """A running `streamlit run app.py` with these environment variables, and what it has logged."""

    def __init__(self, folder: Path, **environment: str):
        self.port, self.log = free_port(), folder / "streamlit.log"
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {"EXPLORER_STORE": str(folder / "rooms.sqlite3"), **environment}
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {"server.port": self.port, "server.address": "127.0.0.1", "server.headless": "true"}
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.fileWatcherType=none"]
        command += [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=os.environ | self.environment
            )
        try:
            wait_until_healthy(self, self.process)
        except BaseException:
            self.process.kill()
            raise

    def stop(self, kill: bool = False) -> None:
        """End it: politely, or in the middle of what it does."""
        if not kill:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        self.process.kill()
        self.process.wait(10)

    def logged(self) -> str:
        """Everything that the server has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="session")
def server(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a free port. `browser` comes first: where there is none, no server is started."""
    started = Server(tmp_path_factory.mktemp("server"))
    yield started
    started.stop()


def wait_until_healthy(started: Server, process: subprocess.Popen) -> None:
    """Until the server answers; its log is the message where it does not."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{started.url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{started.logged()}")


class Board:
    """The Explore page in a browser, read and used the way a person would."""

    def __init__(self, page: Any, home: str):
        self.page, self.home = page, home
        self.faults: list[str] = []
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._console)
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _console(self, message: Any) -> None:
        """Errors on the console count, except for what lies elsewhere on the internet (fonts, icons)."""
        own = urlsplit(message.location["url"]).netloc in ("", urlsplit(self.home).netloc)
        if message.type == "error" and own:
            self.faults.append(message.text)

    def open(self, **query: Any) -> Board:
        """Go to the page with these URL parameters and wait until it has drawn."""
        self.page.goto(f"{self.home}/?{urlencode(query)}" if query else self.home)
        return self.settle()

    def settle(self, **values: Any) -> Board:
        """Wait until Python's exact answer is painted, with these values if any are given."""
        self.page.wait_for_function(
            """values => {
                const board = document.querySelector(".lb");
                if (board?.dataset.settled !== "true") return false;
                const painted = JSON.parse(board.dataset.painted);
                return Object.entries(values).every(([field, value]) => painted[field] === value);
            }""",
            arg=values,
        )
        return self

    @property
    def painted(self) -> dict[str, Any]:
        """The values of the sliders that are painted now."""
        return self.page.evaluate("() => JSON.parse(document.querySelector('.lb').dataset.painted)")

    @property
    def query(self) -> dict[str, str]:
        """The parameters in the address bar."""
        return self.page.evaluate("() => Object.fromEntries(new URLSearchParams(location.search))")

    def plot(self, name: str) -> Any:
        """The element that Plotly draws a picture in."""
        return self.page.locator(".lb-plot").nth(list(PICTURES).index(name))

    def traces(self, name: str) -> list[dict[str, Any]]:
        """What Plotly has drawn: every trace's name, numbers and colour."""
        return self.plot(name).evaluate(
            """plot => plot.data.map(t => ({
                name: t.name ?? null, color: t.line?.color ?? null, x: Array.from(t.x), y: t.y && Array.from(t.y)
            }))"""
        )

    def pixel(self, activation: int, unit: int, step: int) -> list[int]:
        """The colour of one cell in the heatmap of the n-th activation, read off the canvas."""
        return self.plot("states").evaluate(
            """(plot, [tail, unit, step]) => {
                const {["xaxis" + tail]: X, ["yaxis" + tail]: Y} = plot._fullLayout;
                const canvas = plot.parentElement.querySelector("canvas");
                const ratio = canvas.width / plot.clientWidth;
                const place = [X._offset + X.d2p(step), Y._offset + Y.d2p(unit)].map(v => Math.floor(v * ratio));
                return [...canvas.getContext("2d").getImageData(...place, 1, 1).data];
            }""",
            ["" if activation == 0 else str(activation + 1), unit, step],
        )

    def shows(self, config: Config, show: tuple[str, ...] = ("tanh", "sigmoid"), dark: bool = False) -> None:
        """Every line of every picture is what the engine computes for these settings, in this process."""
        self.page.wait_for_selector(f".lb[data-settled='true'][data-key='{identity(config, show, ())}']")
        traces = compare(config, show)
        for name in ("truncation", "terms", "clipping"):
            expected, drawn = resolve(PICTURES[name](traces).figure, dark)["data"], self.traces(name)
            assert [t["name"] for t in drawn] == [t.get("name") for t in expected]
            for got, want in zip(drawn, expected, strict=True):
                assert got["color"] == want.get("line", {}).get("color")
                for axis in "xy":
                    np.testing.assert_allclose(
                        np.array(got[axis], float), want[axis], rtol=1e-6, atol=1e-12, err_msg=name
                    )


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


def drag(page: Any, field: str, share: float, values: int = 6) -> Any:
    """Drag a slider's thumb to and fro, up to a share of its width, until the pictures have followed to some values.

    What is painted is read before the button is let go; a busy machine may take its time. Returns the last value.
    """
    slider = page.locator(f"#lb-{field}")
    box, begin = slider.bounding_box(), slider.evaluate("input => input.value / input.max")
    y, seen, end = box["y"] + box["height"] / 2, set(), time.monotonic() + WAIT / 1000

    def move(share: float) -> None:
        page.mouse.move(box["x"] + 10 + share * (box["width"] - 20), y)

    move(begin)
    page.mouse.down()
    for i in count(1):
        move(begin + (share - begin) * (1 - abs(1 - i / 25 % 2)))
        page.wait_for_timeout(40)
        seen.add(json.loads(page.locator(".lb").first.get_attribute("data-painted"))[field])
        if i % 50 == 25 and len(seen) >= values:
            break
        assert time.monotonic() < end, f"the pictures followed to {seen} only"
    page.mouse.up()
    page.locator(".lb[data-settled='true']").first.wait_for()
    return json.loads(page.locator(".lb").first.get_attribute("data-painted"))[field]


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
