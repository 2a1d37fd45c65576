"""explore.html: the board alone, without Streamlit."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from explorer.config import Config
from explorer.lessons.presets import PRESETS
from tests.browser.board import Board
from tests.browser.static.edition import BOOT, STARTED, context_of


def test_the_board_alone(browser, host):
    """explore.html: the same lines, a drag that is followed, an address that the full explorer reads."""
    context = context_of(browser, host)
    board = Board(context.new_page(), host.url)
    board.page.goto(f"{host.url}/explore.html?scale=0.5&show=lstm")
    board.page.wait_for_function(STARTED, timeout=BOOT)
    board.settle(weight_scale=0.5)
    board.shows(Config(weight_scale=0.5))
    board.page.locator("#lb-window").press("ArrowRight")
    board.settle(window=11)
    leads_to = board.page.locator("#full").get_attribute("href")
    assert dict(parse_qsl(leads_to.partition("?")[2])) == {"scale": "0.5", "show": "lstm", "window": "11"}
    board.page.get_by_role("button", name="explode", exact=True).click()
    board.settle(weight_scale=PRESETS["explode"].config.weight_scale)
    board.shows(PRESETS["explode"].config)
    assert board.page.locator("#look").inner_text() == PRESETS["explode"].text
    board.page.get_by_label("Task").select_option("adding")
    board.shows(replace(PRESETS["explode"].config, task="adding"))
    assert board.page.locator("[aria-pressed=true]").count() == 0
    board.page.locator("#lb-weight_scale").focus()
    positions = 1 + int(board.page.locator("#lb-weight_scale").get_attribute("max"))
    board.page.locator(f".lb[data-strip='weight_scale {positions}']").wait_for()  # a frame for every key press
    assert board.faults == []
    context.close()
