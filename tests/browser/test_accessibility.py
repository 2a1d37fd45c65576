"""Everybody can use it: axe-core on every page, light on a desktop and dark on a phone; the keyboard alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.conftest import SCREEN, WAIT
from tests.pages.conftest import PAGES

PHONE = {"width": 390, "height": 844}
PATHS = ["/" if path.stem == "explore" else f"/{path.stem}" for path in PAGES]
DRAWN = "[data-testid=stMain] :is(.lb, .un, .sh, .stButton, .stFormSubmitButton, .stFileUploader)"
# A phone in the dark takes a minute more: HOSTILE=full, as in tests/hostile.
LOOKS = [("light", SCREEN), ("dark", PHONE)][: 2 if os.environ.get("HOSTILE") == "full" else 1]
SETTLED = "() => [...document.querySelectorAll('.lb')].every(board => board.dataset.settled === 'true')"

# What axe finds in Streamlit's own elements, or takes for a fault that Chromium does not have: (rule, part of target).
NOT_OURS = (
    ("scrollable-region-focusable", ".katex-display"),  # Chromium gives such a region the keyboard by itself
    ("scrollable-region-focusable", "pre"),
    ("color-contrast", ".token"),  # the colours of its highlighted code, here and in the next two lines
    ("color-contrast", ".string"),
    ("color-contrast", '[data-testid="stCaptionContainer"] > p > '),  # code in a caption
    ("presentation-role-conflict", ".stFileUploader"),
)

RUN = """() => axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => violations.flatMap(
    ({id, nodes}) => nodes.map(node => [id, node.target.join(" "), node.failureSummary])))"""


@pytest.fixture(scope="module")
def axe():
    """The text of axe-core."""
    package = pytest.importorskip("axe_playwright_python", reason="pip install -r tests/requirements.txt")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_axe(browser, server, axe, scheme, size):
    """No violation of any impact level from our own content; on a phone, nothing is wider than the screen."""
    context = browser.new_context(viewport=size, color_scheme=scheme)
    found = []
    for path in PATHS:
        page = context.new_page()
        page.set_default_timeout(2 * WAIT)
        page.goto(server.url + path)
        page.wait_for_selector(DRAWN)
        page.wait_for_selector("[data-test-script-state=notRunning]")
        page.wait_for_function(SETTLED)
        page.wait_for_timeout(1_000)  # fades end
        page.evaluate(axe)
        for rule, target, why in page.evaluate(RUN):
            if not any(rule == known and part in target for known, part in NOT_OURS):
                found.append(f"{path} {rule}: {target}: {why}")
        wide = page.evaluate(
            """() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
                .filter(node => node.scrollWidth > node.clientWidth).length"""
        )
        if wide:
            found.append(f"{path} scrolls sideways")
        page.close()
    context.close()
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("path", ["/", "/by_hand", "/training", "/own"])
def test_the_keyboard_reaches_everything(visit, path):
    """Tab goes through every control that can be seen; radio groups count as one."""
    page = visit(path, DRAWN)
    page.wait_for_selector("[data-test-script-state=notRunning]")
    page.wait_for_timeout(1_000)
    wanted = page.evaluate(
        """() => {
            const main = document.querySelector("[data-testid=stMain]");
            const inputs = [...main.querySelectorAll(".lb-slider input:enabled, .un, [role=slider], [role=combobox], " +
                "[data-testid=stPopover] button, [data-testid=stFileUploader] button, textarea, " +
                "input[type=text], input[type=number]")];
            const seen = inputs.filter(node => node.checkVisibility() && node.tabIndex >= 0);
            seen.forEach((node, i) => node.dataset.wanted = i);
            return seen.length;
        }"""
    )
    reached, order = set(), []
    for _ in range(150):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.dataset.wanted ?? null")
        if at is not None and (not order or order[-1] != at):
            order.append(at)
        reached.add(at)
        if len(reached - {None}) == wanted:
            break
    missing = page.evaluate(
        """reached => [...document.querySelectorAll("[data-wanted]")].filter(n => !reached.includes(n.dataset.wanted))
            .map(n => n.outerHTML.slice(0, 120))""",
        list(reached - {None}),
    )
    assert wanted > 0
    assert missing == []


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
