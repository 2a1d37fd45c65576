"""What a visitor downloads is checked: a wheel that is missing, changed, or another origin's."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from deploy.static import download
from deploy.static.build import build
from deploy.static.pins import COMPILED
from explorer.config import DEFAULT
from tests.browser.board import Board
from tests.browser.static.edition import BOOT, STARTED, Host, context_of


@pytest.mark.parametrize(
    ("fault", "words"),
    [("missing", "is missing on this site"), ("tampered", "its SHA-256 differs, so it was not run")],
)
@pytest.mark.parametrize("address", ["/", "/explore.html"])
def test_a_wheel_that_is_not_right_is_not_run(browser, host, fault, words, address):
    """One sentence with its name, and nothing is started."""
    wheel = next(part["url"] for part in host.parts["board"] if "numpy" in part["url"])
    setattr(host, fault, wheel)
    context = context_of(browser, host)
    page = context.new_page()
    page.goto(host.url + address)
    page.wait_for_function("document.documentElement.dataset.failed")
    setattr(host, fault, None)
    said = page.locator("#step").inner_text()
    assert said.startswith(wheel)
    assert words in said
    assert page.evaluate("document.documentElement.dataset.started") is None
    context.close()


@pytest.fixture(scope="module")
def hybrid(browser, host, tmp_path_factory):
    """The edition as it is built by default, and a CDN with compiled wheels whose hashes Pyodide's lock file states.

    The wheels are those of STATIC_WHEELS: what is official about them is put into the lock file here, and nothing else.
    """
    wheels, folder = Path(os.environ["STATIC_WHEELS"]), tmp_path_factory.mktemp("hybrid")
    npm = download.npm

    def with_these_hashes(package):
        files = npm(package)
        if package == "pyodide":
            lock = json.loads(files["pyodide-lock.json"])
            for name in COMPILED:
                wheel = download.find(name, wheels)
                lock["packages"][name] |= {"file_name": wheel.name, "sha256": download.sha256(wheel.read_bytes())}
            files["pyodide-lock.json"] = json.dumps(lock).encode()
        return files

    cdn = Host(wheels, {}, cdn=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download, "npm", with_these_hashes)
        site = Host(folder, build(folder, cdn=f"{cdn.url}/"))
    yield site, cdn
    site.server.shutdown()
    cdn.server.shutdown()


def test_compiled_wheels_come_from_the_cdn(browser, hybrid):
    """From another origin, checked, and kept: the second visit needs neither the site nor the CDN."""
    site, cdn = hybrid
    assert [part["url"] for part in site.parts["board"] if part["bytes"] is None] == [
        f"{cdn.url}/{download.find('numpy', Path(os.environ['STATIC_WHEELS'])).name}"
    ]
    context = context_of(browser, site, cdn)
    board = Board(context.new_page(), site.url)
    board.page.goto(f"{site.url}/explore.html")
    board.page.wait_for_function(STARTED, timeout=BOOT)
    board.settle()
    board.shows(DEFAULT)
    board.page.wait_for_function("document.documentElement.dataset.whole")
    assert board.faults == []
    context.set_offline(True)
    board.page.reload()
    board.page.wait_for_function(STARTED, timeout=BOOT)
    board.settle()
    context.close()


def test_a_cdn_that_is_blocked_or_sends_another_wheel_is_named(browser, hybrid):
    """A blocked CDN is named, with what helps; a wheel of it that is not the official one is not run."""
    site, cdn = hybrid
    context = context_of(browser, site)
    page = context.new_page()
    page.goto(f"{site.url}/explore.html")
    page.wait_for_function("document.documentElement.dataset.failed")
    assert f"{cdn.url.removeprefix('http://')} cannot be reached" in page.locator("#step").inner_text()
    context.route(f"{cdn.url}/**", lambda route: route.continue_())
    cdn.tampered = ".whl"
    page.reload()
    page.wait_for_function("document.documentElement.dataset.failed?.includes('SHA-256')")
    cdn.tampered = None
    context.close()
