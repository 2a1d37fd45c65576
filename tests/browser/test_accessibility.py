"""Everybody can use it: every page under axe-core in every look, on a phone, by keyboard alone, and without motion."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.board import SCREEN
from tests.pages.conftest import PAGES

PHONE = {"width": 390, "height": 844}
LOOKS = (("light", SCREEN), ("dark", SCREEN), ("dark", PHONE), ("light", PHONE))
PATHS = ["/" if path.stem == "explore" else f"/{path.stem}" for path in PAGES]
DRAWN = "[data-testid=stMain] :is(.lb, .un, .sh, .stButton, .stFormSubmitButton, .stFileUploader)"
CALM = """() => document.querySelector("[data-test-script-state=notRunning]")
    && [...document.querySelectorAll(".lb")].every(board => board.dataset.settled === "true")
    && document.getAnimations().every(animation => animation.playState !== "running")"""

# What axe finds in Streamlit's own elements, or takes for a fault that Chromium does not have: (rule, elements, why).
NOT_OURS = (
    # Chromium and Firefox give whatever scrolls the keyboard by themselves: axe-core #4470, #4752, #4830.
    ("scrollable-region-focusable", ".katex-display, pre, [data-testid=stVerticalBlock]"),
    # The colours of Streamlit's highlighted code; no issue was found. A caption's code is like its text.
    ("color-contrast", ".token, pre code span, [data-testid=stCaptionContainer] code"),
    # Streamlit #15921: its uploader can be focused twice; #15928 mends it in a later version.
    ("presentation-role-conflict", ".stFileUploader *"),
)

AXE = """known => axe.run(document, {resultTypes: ["violations"], elementRef: true}).then(({violations}) =>
    violations.flatMap(({id, nodes}) => nodes
        .filter(({element}) => !known.some(([rule, selector]) => rule === id && element.matches(selector)))
        .map(({target, failureSummary}) => `${id}: ${target.join(" ")}: ${failureSummary}`)))"""

WIDE = """() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
    .filter(node => node.scrollWidth > node.clientWidth).length"""

# Every control gets a number, those of a group, in which one goes on by arrow keys, the same; focus is written down.
NUMBER = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const controls = main.querySelectorAll("button, a[href], input, select, textarea, summary, [tabindex='0']");
    const usable = [...controls].filter(node => node.checkVisibility({visibilityProperty: true, opacityProperty: true})
        && !node.disabled && node.tabIndex >= 0 && node.type !== "file");
    const groups = usable.map(node => node.type === "radio" ? node.name
        : node.closest("[role=radiogroup], [role=group], [role=toolbar]") ?? node);
    const distinct = [...new Set(groups)];
    usable.forEach((node, i) => node.dataset.wanted = distinct.indexOf(groups[i]));
    window.wanted = new Map(usable.map(node => [node.dataset.wanted, node.outerHTML.slice(0, 160)]));
    document.addEventListener("focusin", ({target}) => window.wanted.delete(target.dataset.wanted));
    return wanted.size;
}"""


@pytest.fixture(scope="module")
def axe():
    """The text of axe-core."""
    package = pytest.importorskip("axe_playwright_python", reason="pip install -r tests/requirements.txt")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PATHS)
def test_every_page(visit, axe, path):
    """Opened once: no violation from our own content in any look, nothing wider than its screen, all by keyboard."""
    page = visit(path, DRAWN)
    page.wait_for_function(CALM)
    for drawer in page.get_by_text("Numbers as a table").all()[:1]:
        drawer.click()
        page.get_by_test_id("stMarkdown").locator("table").first.wait_for()
    page.evaluate(axe)
    found = []
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        page.wait_for_timeout(100)  # until the new look has begun
        page.wait_for_function(CALM)
        look = f"{scheme}, {size['width']} px"
        found += [f"{look}: {violation}" for violation in page.evaluate(AXE, NOT_OURS)]
        found += [f"{look}: scrolls sideways"] * (page.evaluate(WIDE) > 0)
    page.set_viewport_size(SCREEN)
    page.wait_for_function(CALM)
    found += [f"Tab does not reach {control}" for control in unreachable(page)]
    assert found == [], "\n".join(found)


def unreachable(page):
    """The controls to which Tab does not come, going once round the page."""
    wanted = page.evaluate(NUMBER)
    assert wanted > 0
    for _ in range(2 * wanted + 60):
        page.keyboard.press("Tab")
        left = page.evaluate("[...window.wanted.values()]")
        if not left:
            break
    return left


LONGEST = """() => Math.max(...[...document.querySelectorAll("*")].flatMap(node => ["", "::before", "::after"].flatMap(
    part => ["transitionDuration", "animationDuration"].flatMap(
        time => getComputedStyle(node, part)[time].split(",").map(parseFloat)))))"""


def test_nothing_moves_for_those_who_asked_for_that(visit):
    """With less motion asked for, no fade or slide on a page takes longer than a frame; else some do."""
    page = visit("/room", DRAWN)
    assert page.evaluate(LONGEST) >= 0.1
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_function(f"() => ({LONGEST})() <= 0.001")


def test_nothing_that_was_typed_is_run(visit):
    """Markup in a text stays text: no element of it is made, no script of it runs, no address of it is fetched."""
    asked = []
    markup = "<img src=/x.png onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>![x](/y.png)"
    page = visit("/", DRAWN)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.url + "?task=text&show=" + markup.replace("&", "") + "&text=" + markup)
    page.wait_for_selector(DRAWN)
    page.wait_for_timeout(1_000)
    assert page.title() != "hacked"
    assert page.locator("img[src*='x.png'], img[src*='y.png']").count() == 0
    assert not [url for url in asked if "x.png" in url.partition("?")[0] or "y.png" in url.partition("?")[0]]
