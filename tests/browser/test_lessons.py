"""Lessons in a real browser: a sketch by mouse and by keys, a choice, the clicker, and every layout on a projector."""

from __future__ import annotations

import re

import pytest

from explorer.lessons.catalogue import LESSONS
from tests.browser.conftest import WAIT

PROJECTOR = {"width": 1280, "height": 720}


@pytest.fixture
def lesson(visit):
    """lesson(name, screen, …) → the page there."""

    def go(name, screen=1, **query):
        rest = "".join(f"&{key}={value}" for key, value in query.items())
        page = visit(f"/lessons?lesson={name}&screen={screen}{rest}", ".stButton")
        page.locator(".pv").wait_for(state="attached")
        return page

    return go


def gap(page):
    """How far off the page says that a sketch is, in decades; 0 for right on it."""
    found = re.search(r"is ([\d.]+) decades off", page.get_by_test_id("stAlert").inner_text())
    return float(found[1]) if found else 0.0


def reads(page, text):
    """Wait for a text."""
    page.get_by_text(text).first.wait_for()


def test_sketch_by_mouse(lesson):
    """A level stroke at 10⁰ over the whole pad is the total gradient of this screen."""
    page = lesson("sum", 2)
    page.locator(".sk-curve").wait_for(state="detached")
    assert page.locator(".sk-done").is_disabled()
    label = page.locator(".sk-tick", has_text=re.compile(r"^100$")).bounding_box()  # "10", raised "0"
    box, y = page.locator(".sk svg").bounding_box(), label["y"] + label["height"] / 2
    page.mouse.move(box["x"] + 70, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 20, y, steps=20)
    page.mouse.up()
    page.locator(".sk-done").click()
    page.locator(".lb[data-painted]").wait_for()
    assert gap(page) < 0.5
    reads(page, LESSONS["sum"].screens[1].takeaway)


def test_sketch_by_keys(lesson):
    """Two points make a line: 10⁰ at the last step, about 10⁻¹⁹ at the first."""
    page = lesson("vanishing", 2)
    page.locator(".sk svg").focus()
    for key in ("End", "ArrowUp", "ArrowDown", "Home", *3 * ["Shift+ArrowDown"], *6 * ["ArrowDown"]):
        page.keyboard.press(key)
    assert "step t 1: 10^-19" in page.locator(".sk-said").inner_text()
    page.keyboard.press("Enter")
    page.locator(".lb[data-painted]").wait_for()
    assert gap(page) < 1.0
    assert "screen=2" in page.evaluate("location.href"), "the pad's arrow keys do not turn the screen"


def test_choose_and_turn_by_keys(lesson):
    """A wrong choice is told what there is to say to it; arrow keys turn screens, but not while somebody types."""
    page = lesson("state")
    question = LESSONS["state"].screens[0].question
    wrong = question.options["same"]
    page.get_by_text(wrong.text).click()
    page.get_by_role("button", name="This is my answer").click()
    reads(page, wrong.because)
    page.locator(".lb[data-painted]").wait_for()
    why = page.get_by_role("textbox", name="In one sentence")
    why.fill("Because it remembers")
    why.press("ArrowLeft")
    why.press("ArrowRight")
    why.blur()
    page.keyboard.press("ArrowRight")
    reads(page, LESSONS["state"].screens[1].ask)
    page.keyboard.press("ArrowLeft")
    reads(page, wrong.because)
    assert page.get_by_role("textbox", name="In one sentence").input_value() == "Because it remembers"


LAYOUTS = {  # a screen for every way in which one is laid out
    (type(screen.question), len(screen.pictures), len(screen.show), bool(screen.still)): (name, number, screen)
    for name, each in LESSONS.items()
    for number, screen in enumerate(each.screens, 1)
}


def test_every_layout_on_a_projector(lesson):
    """The clicker reveals; large type, no navigation, and nothing to scroll for."""
    for name, number, screen in LAYOUTS.values():
        page = lesson(name, number, present=1)
        page.set_viewport_size(PROJECTOR)
        reads(page, screen.ask)
        page.keyboard.press("PageDown")
        reads(page, screen.takeaway)
        page.locator(".lb[data-painted], .js-plotly-plot").first.wait_for(timeout=WAIT)
        assert not page.get_by_test_id("stHeader").is_visible()
        beyond = "(() => { const main = document.querySelector('[data-testid=stMain]');"
        assert page.evaluate(beyond + "return main.scrollHeight - main.clientHeight })()") <= 0, (name, number)
    page.keyboard.press("Escape")
    page.get_by_test_id("stHeader").wait_for()
