"""How a page comes to stand there, in a real Chromium."""

from __future__ import annotations

import pytest

from explorer.config import to_query
from explorer.lessons.presets import PRESETS
from tests.browser.board import SCREEN

PHONE = {"width": 390, "height": 844}
# Where the board is at the moment that it is painted, and what lies above it: [name, top, height].
WATCH = """() => new MutationObserver((_, observer) => {
    const board = document.querySelector(".lb[data-painted]");
    if (!board) return;
    window.topThen = board.getBoundingClientRect().y;
    window.aboveThen = [...document.querySelectorAll(".stMain, .stMain [class*=st-key], .stHorizontalBlock, .stColumn")]
        .map(node => [node, node.getBoundingClientRect()])
        .map(([node, {y, height}]) => [node.className.match(/st-key-\\w+|st[A-Z]\\w+/)[0], y, height]);
    observer.disconnect();
}).observe(document, {childList: true, subtree: true, attributeFilter: ["data-painted"]})"""
WIDGETS = (".st-key-control_task input", ".st-key-control_preset button", ".st-key-more button", ".st-key-share button")


@pytest.mark.parametrize("screen", [SCREEN, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    ("query", "also"),
    [
        ({}, ()),
        ({"task": "text"}, (".st-key-control_text textarea",)),
        (to_query(PRESETS["vanish"].config), (".st-key-header [data-testid=stCaptionContainer]",)),
    ],
    ids=["as it is", "a text", "a preset"],
)
def test_the_pictures_are_not_moved_by_what_comes_above_them(board, screen, query, also):
    """The widgets of the row come later than they, and one by one, into room that is kept free for them."""
    explore = board(viewport=screen)
    explore.page.add_init_script(f"({WATCH})()")
    explore.open(**query)
    for widget in (*WIDGETS, *also):
        explore.page.wait_for_selector(widget)
    now = explore.page.locator(".lb").bounding_box()
    then, above = explore.page.evaluate("[window.topThen, window.aboveThen]")
    assert then == pytest.approx(now["y"], abs=1), above
