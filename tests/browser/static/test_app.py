"""The edition without a server, in a Chromium that reaches nothing but the folder: everything else is blocked.

One page is booted for nearly all tests, in the order of a visit.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from deploy.static.build import page_names
from explorer.config import DEFAULT, Config
from explorer.run import compare
from tests.browser.board import Board, drag
from tests.browser.static.edition import BOOT, STARTED, context_of
from tests.own.test_read_network import npz, state_dict

REST = "[data-test-script-state=notRunning]"
NUMBERS = """
import json
from explorer.config import Config
from explorer.run import compare
traces = compare(Config(**json.loads({config!r})), {show!r})
rows = ([t.loss, t.full.norm, *t.full.dh_norms, *t.flow.log10_norms[-1], *t.hs[-1].ravel()] for t in traces.values())
json.dumps([*rows])
"""


@pytest.fixture(scope="module")
def visitor(browser, host):
    """Somebody who opens the explorer for the first time, and stays."""
    context = context_of(browser, host)
    page = Board(context.new_page(), host.url)
    page.page.goto(host.url)
    page.page.wait_for_function(STARTED, timeout=BOOT)
    assert "failed" not in page.page.evaluate("({...document.documentElement.dataset})")
    yield page
    context.close()


@pytest.fixture
def visit(visitor):
    """The visitor's page; at the end of every test, nothing may have failed."""
    visitor.faults.clear()
    yield visitor
    assert visitor.page.get_by_test_id("stException").all_inner_texts() == []
    assert visitor.faults == []


def python(page, code):
    """The value of the last line, which is JSON, as Python in the page says it."""
    return json.loads(page.evaluate("code => explorer.runPython(code)", code))


def follow(page, name):
    """Click a page's name in the navigation, and wait until it is drawn."""
    page.locator("[data-testid=stTopNavLink]").nth(page_names().index(name)).click()
    page.wait_for_function("name => location.pathname.endsWith('/' + name)", arg="" if name == "explore" else name)
    page.wait_for_selector(f"{REST}:has([data-testid=stMain])")


def test_it_opens_with_what_the_engine_computes(visit):
    """Four pictures; every line in them is what the engine computes in this process."""
    visit.settle()
    visit.shows(DEFAULT)


@pytest.mark.parametrize(
    ("config", "show"),
    [({}, ("tanh", "sigmoid")), ({"task": "adding", "weight_scale": 1.5, "hidden_size": 24}, ("relu", "lstm", "gru"))],
)
def test_its_numbers_are_the_servers(visit, config, show):
    here = [
        [t.loss, t.full.norm, *t.full.dh_norms, *t.flow.log10_norms[-1], *t.hs[-1].ravel()]
        for t in compare(Config(**config), show).values()
    ]
    there = python(visit.page, NUMBERS.format(config=json.dumps(config), show=show))
    np.testing.assert_allclose(there, here, rtol=1e-12, atol=1e-12)


def test_a_drag_updates_the_pictures(visit):
    """They follow while the button is down; on release the exact run is drawn and the address says so."""
    page = visit.page
    drag(page, "weight_scale", 0.12)
    visit.settle()
    assert visit.painted["weight_scale"] < 0.6  # (where gradients grow, so do differences in the last digit)
    page.wait_for_function(
        "scale => new URLSearchParams(location.search).get('scale') == scale", arg=visit.painted["weight_scale"]
    )
    visit.shows(Config(weight_scale=visit.painted["weight_scale"]))


@pytest.mark.parametrize("name", [*page_names()[1:], page_names()[0]])
def test_every_page_opens(visit, name):
    """Without an exception, and with something to see."""
    follow(visit.page, name)
    assert len(visit.page.get_by_test_id("stMain").inner_text()) > 100
    assert visit.page.get_by_text("Something went wrong").count() == 0


def test_a_training_on_an_uploaded_text_runs_with_progress(visit, host, tmp_path):
    """200 updates in slices: pictures are painted while it learns."""
    page = visit.page
    page.goto(f"{host.url}/training?task=text&T=7&N=1&H=8&updates=200&vary=phi:tanh,sigmoid")
    page.wait_for_function(STARTED, timeout=BOOT)
    page.get_by_role("button", name="Train", exact=True).wait_for()
    (tmp_path / "song.txt").write_text("do re mi fa sol la ti do " * 40)
    page.locator("input[type=file]").first.set_input_files(tmp_path / "song.txt")
    page.get_by_text("song.txt").wait_for()
    page.wait_for_selector(REST)
    page.wait_for_function("location.search.includes('updates=200')")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("update 200 of 200 · finished").wait_for(timeout=BOOT)
    page.wait_for_selector(".lb[data-settled='true']")
    assert page.evaluate("Number(document.querySelector('.lb').dataset.paints)") > 2


def test_class_rooms_say_what_there_is_instead(visit, tmp_path):
    """An answer given in a lesson goes to the teacher as a file."""
    page = visit.page
    follow(page, "lessons")
    page.get_by_test_id("stRadio").locator("label").nth(1).click()
    page.get_by_role("button", name="This is my answer").click()
    page.locator(".lb[data-settled=true]").wait_for()
    follow(page, "room")
    assert page.get_by_text("without a server").is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="My answers as CSV").click()
    download.value.save_as(tmp_path / "answers.csv")
    assert len((tmp_path / "answers.csv").read_text(encoding="utf-8-sig").splitlines()) == 2


def test_exports_arrive(visit, tmp_path):
    """The handout, which holds all of plotly.js, and the script, which says the same numbers without the page."""
    page = visit.page
    follow(page, "explore")
    visit.settle()
    page.get_by_test_id("stPopoverButton").filter(has_text="Share").click()
    for label, least in (("Handout (.html)", 4_000_000), ("Script (.py)", 5_000)):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        download.value.save_as(tmp_path / label)
        assert (tmp_path / label).stat().st_size > least
    page.keyboard.press("Escape")


def test_a_network_of_one_s_own_is_read(visit, tmp_path):
    """A file that is none is refused with a sentence; a network is shown on Explore, and let go."""
    page = visit.page
    (tmp_path / "mine.npz").write_bytes(npz(**state_dict()))
    (tmp_path / "bad.npz").write_bytes(b"no archive")
    follow(page, "own")
    upload = page.locator("input[type=file]").first
    upload.set_input_files(tmp_path / "bad.npz")
    page.get_by_test_id("stAlert").wait_for()
    upload.set_input_files(tmp_path / "mine.npz")
    page.get_by_text("mine.npz · RNN, D = 3, H = 5, O = 4.").wait_for()
    follow(page, "explore")
    page.get_by_text("Hidden states h_t, 5 units").wait_for()
    page.get_by_role("button", name="Let it go").click()
    page.get_by_text("Hidden states h_t, 16 units").wait_for()


def test_a_server_s_link_opens_without_the_network_and_leads_back(visit, server, browser):
    """A second visit, by a server's link, while the host is gone; then the address that it has here, on the server."""
    page = visit.page
    page.wait_for_function("document.documentElement.dataset.whole", timeout=BOOT)
    page.context.set_offline(True)
    try:
        page.goto(f"{visit.home}/gated?T=20&scale=2")  # a page that was never opened by its own address
        page.wait_for_function(STARTED, timeout=BOOT)
        visit.settle(sequence_length=20, weight_scale=2)
        page.locator("#lb-forget_bias").press("ArrowRight")
        page.wait_for_function("location.search.includes('fbias=')")
    finally:
        page.context.set_offline(False)
    address, painted = page.evaluate("location.pathname + location.search"), visit.settle().painted
    there = Board(browser.new_page(), server.url)
    there.page.goto(server.url + address)
    there.settle(**painted)
    there.page.close()
