"""Lessons in a real browser: a sketch by mouse and by keys, a choice, the clicker, and every layout on a projector."""

from __future__ import annotations

import re

import numpy as np
import pytest

from explorer.asking import SUBMIT
from explorer.lessons.catalogue import LESSONS
from explorer.lessons.questions import Boundary, Choose, Magnitude, Sketch

PROJECTORS = ({"width": 1280, "height": 720}, {"width": 1920, "height": 1080})


@pytest.fixture
def lesson(visit):
    """lesson(name, screen, …) → the page there; `anew`: nothing has been answered yet."""

    def go(name, screen=1, anew=False, **query):
        rest = "".join(f"&{key}={value}" for key, value in query.items())
        page = visit(f"/lessons?lesson={name}&screen={screen}{rest}", ".stButton", anew)
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


def sketch(page, question, truth, right):
    """Draw with the mouse: along the true curve, or level where the axis ends that is further from it."""
    pad = page.locator(".sk svg").bounding_box()
    em = page.locator(".sk svg").evaluate("svg => parseFloat(getComputedStyle(svg).fontSize)")
    left, right_end = pad["x"] + 3.6 * em, pad["x"] + pad["width"] - 0.8 * em  # as the pad lays out its axes
    top, bottom = pad["y"] + 1.3 * em, pad["y"] + pad["height"] - 2.9 * em
    low, high = truth.range
    wrong = low if high - truth.values.mean() < truth.values.mean() - low else high
    ends = [float(end) for end in truth.xaxis["range"]]
    for n, (x, y) in enumerate(zip(truth.x, truth.values if right else np.full(len(truth.x), wrong), strict=True)):
        across, up = (x - ends[0]) / (ends[1] - ends[0]), (y - low) / (high - low)
        page.mouse.move(left + across * (right_end - left), bottom - up * (bottom - top))
        if n == 0:
            page.mouse.down()
    page.mouse.up()
    page.locator(".sk-done").click()


def choose(page, question, truth, right):
    """Click an option."""
    name = truth if right else next(name for name in question.options if name != truth)
    page.get_by_test_id("stRadioGroup").get_by_text(question.options[name].text, exact=True).click()
    page.get_by_role("button", name=SUBMIT).click()


def say_how_much(page, question, truth, right):
    """Click on the track of the slider, at the number, or at the end that is further away from it."""
    far = question.low if truth - question.low > question.high - truth else question.high
    share = ((truth if right else far) - question.low) / (question.high - question.low)
    track, thumb = page.get_by_test_id("stSlider").bounding_box(), page.get_by_role("slider").bounding_box()
    page.mouse.click(track["x"] + 1 + share * (track["width"] - 2), thumb["y"] + thumb["height"] / 2)
    page.wait_for_selector("[data-test-script-state=notRunning]")
    page.get_by_role("button", name=SUBMIT).click()


ANSWER = {Choose: choose, Magnitude: say_how_much, Sketch: sketch, Boundary: sketch}


@pytest.mark.parametrize("name", LESSONS)
def test_walk_through(lesson, name):
    """Screen by screen, right and wrong in turn: locked, then what there is to say to the answer, and a board.

    tests/pages/test_lessons.py does it all right and all wrong.
    """
    page = lesson(name)
    for number, screen in enumerate(LESSONS[name].screens, 1):
        reads(page, screen.ask)
        page.wait_for_function("!document.querySelector('.lb, [data-testid=stAlert]')")  # locked until it is answered
        truth, right = screen.question.truth(screen.traces()), number % 2 == 0
        ANSWER[type(screen.question)](page, screen.question, truth, right)
        verdict = page.get_by_test_id("stAlertContentSuccess" if right else "stAlertContentWarning")
        verdict.wait_for()
        if isinstance(screen.question, Choose):
            chosen = truth if right else next(name for name in screen.question.options if name != truth)
            assert screen.question.options[chosen].because in verdict.inner_text()
        reads(page, screen.takeaway)
        page.locator(".lb[data-painted]").wait_for()
        page.get_by_role("textbox", name=screen.why).wait_for()
        if number < len(LESSONS[name].screens):
            page.get_by_role("button", name="Next").click()


def test_sketch_by_keys(lesson):
    """Two points make a line: 10⁰ at the last step, about 10⁻¹⁹ at the first."""
    page = lesson("vanishing", 2, anew=True)
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


# The picture beside the question is as high as this share of the screen.
FILLS = """share => [...document.querySelectorAll(".lb[data-painted] .lb-stage, .js-plotly-plot")].some(
    picture => picture.getBoundingClientRect().height > share * innerHeight)"""


def test_every_layout_on_a_projector(lesson):
    """The clicker reveals; large type, no navigation, charts that fill the screen, and nothing to scroll for."""
    for n, (name, number, screen) in enumerate(LAYOUTS.values()):
        size = PROJECTORS[n % 2]
        page = lesson(name, number, present=1)
        page.set_viewport_size(size)
        reads(page, screen.ask)
        page.keyboard.press("PageDown")
        reads(page, screen.takeaway)
        page.wait_for_selector("[data-test-script-state=notRunning]")  # what was there before is gone by then
        page.wait_for_function(FILLS, arg=0.3 if screen.pictures and len(screen.show) > 1 else 0.4)
        assert not page.get_by_test_id("stHeader").is_visible()
        beyond = "(() => { const main = document.querySelector('[data-testid=stMain]');"
        assert page.evaluate(beyond + "return main.scrollHeight - main.clientHeight })()") <= 0, (name, number)
    page.keyboard.press("Escape")
    page.get_by_test_id("stHeader").wait_for()


def test_a_click_while_the_window_changes_its_size(lesson):
    """The page says how large its type is now, and that it is to go on: neither replaces the other."""
    page = lesson("state", present=1)
    reads(page, LESSONS["state"].screens[0].ask)
    page.evaluate(
        """() => {
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown", bubbles: true }));
            document.documentElement.style.setProperty("font-size", "31px", "important");
            window.dispatchEvent(new Event("resize"));
        }"""
    )
    reads(page, LESSONS["state"].screens[0].takeaway)
