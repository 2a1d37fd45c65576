"""By hand in a real Chromium: walked through by keyboard alone, clicked, played, learnt."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

import pytest

from explorer.config import Config
from explorer.figures.walk import walk
from explorer.live.unrolled import write
from explorer.run import run


@pytest.fixture
def hand(visit):
    """hand(query) → a page on By hand that has drawn."""
    return lambda query="": visit(f"/by_hand{query}", ".un[data-stop]")


def stops_of(word: str, **changes):
    """The same walk, computed here."""
    T = len(unicodedata.normalize("NFC", word)) - 1
    base = {"hidden_size": 3, "truncation": "full", "clip": "none"}
    return walk(run(Config(task="text", text=word, sequence_length=T, **{**base, **changes})))


def at(page, n: int):
    """Wait until the walk stands at stop n."""
    page.wait_for_selector(f".un[data-stop='{n}']")


def lit(page) -> list[str]:
    """The numbers that are lit in the network or beside it."""
    return page.locator(".un-vector.un-lit span, .un-matrix.un-lit td").all_inner_texts()


def test_a_keyboard_walk_shows_every_number(hand):
    """Tab to the network, then arrow right through every quantity: lit numbers are the engine's."""
    page, stops = hand(), stops_of("dogs")
    page.locator(".un").focus()
    for n, stop in enumerate(stops):
        at(page, n)
        assert lit(page) == [write(x) for x in stop.value.ravel()], stop.key
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    at(page, 0)
    page.keyboard.press("End")
    at(page, len(stops) - 1)
    page.keyboard.press("ArrowLeft")
    at(page, len(stops) - 2)
    assert f"at={len(stops) - 2}" in page.url


def test_arrow_down_opens_an_entry(hand):
    page = hand("?at=2")
    page.locator(".un").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.get_by_text("Entry 2:").wait_for()
    assert page.locator(".un-entry").inner_text() == write(stops_of("dogs")[2].value[0, 1])


def test_keys_in_one_moment_all_count(hand):
    """However busy the server is: each waits for the answer to the one before."""
    page = hand("?at=2")
    page.locator(".un").evaluate(
        """node => ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"].forEach((key) =>
            node.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })))"""
    )
    at(page, 4)
    page.wait_for_timeout(500)
    at(page, 4)


@pytest.mark.parametrize("word", ["noon", "Übergröß"])
def test_other_words(hand, word):
    """A repeated letter is one letter of the alphabet; umlauts and eight letters are fine."""
    page = hand(f"?text={quote(word)}&loss=every&at=1")
    assert page.locator(".un-column").count() == len(word) - 1
    assert page.locator(".un-column").first.locator(".un-labels span").count() == 2 * len(set(word))
    page.locator(".un").focus()
    page.keyboard.press("End")
    at(page, len(stops_of(word, loss_at="every")) - 1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_click_shows_where_a_number_comes_from_and_lights_the_triangle(hand):
    page = hand()
    page.locator(".un-column").nth(1).locator(".un-vector", has_text="h₂").first.locator("span").nth(2).click()
    page.get_by_text("Entry 3:").wait_for()
    assert page.locator(".un-flow td.un-lit").count() == 2  # state 2 hears from the losses at steps 2 and 3
    page.locator(".un-flow td").nth(3).click()
    page.get_by_text("Loss at step 3 reaches state 1").wait_for()
    page.locator(".un-arrow", has_text="W").nth(1).click()
    page.get_by_text("The same numbers at every step").wait_for()


def test_buttons_and_play(hand):
    page = hand()
    page.get_by_label("one quantity on").click()
    at(page, 1)
    page.get_by_label("to the beginning of the backward pass").click()
    at(page, 9)
    page.get_by_label("play or pause").click()
    at(page, 11)
    page.get_by_label("play or pause").click()


def test_code_stands_beside_the_formula(hand):
    page = hand("?at=2")
    page.get_by_text("Show the code that computes it").click()
    page.get_by_text("a = x @ W_xh + h_prev @ W_hh + b_h").first.wait_for()


def test_learning_the_word(hand):
    """Ten updates raise p(s); everything on the page is the network after them."""
    page = hand()
    page.get_by_text("Learn: one gradient step").click()
    page.get_by_role("button", name="10 steps").click()
    page.get_by_text("after 10 of at most 200 updates").wait_for()
    assert "updates=10" in page.url
    page.get_by_text("p(s) 0.232 → 0.955").wait_for()
    page.locator(".js-plotly-plot").wait_for()


def test_a_weight_typed_into_the_table_is_used_and_stands_in_the_url(hand):
    page = hand()
    page.get_by_text("Own weights").click()
    table = page.get_by_test_id("stDataFrame").locator("canvas").first
    table.scroll_into_view_if_needed()
    for _ in range(6):  # the table is a canvas: nothing tells when it has begun to listen
        box = table.bounding_box()
        page.mouse.click(box["x"] + 40, box["y"] + 52)  # row 1, column 1 of W_hh
        page.wait_for_timeout(500)
        page.keyboard.type("-1.5", delay=60)
        page.keyboard.press("Enter")
        page.wait_for_timeout(2000)
        if page.evaluate("location.search.includes('weights=W_hh%3A-1.5%2C')"):
            break
    page.locator(".un-matrix").nth(2).locator("td").first.get_by_text("−1.50").wait_for()
    page.get_by_role("button", name="Back to the drawn weights").click()
    page.wait_for_function("!location.search.includes('weights')")


def test_dark_and_light_differ(hand):
    page, colours = hand(), set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()
        page.wait_for_selector(".un[data-stop]")
        colours.add(page.locator(".un").evaluate("node => getComputedStyle(node).color"))
    assert len(colours) == 2


@pytest.mark.parametrize(
    ("path", "closed"), [("/", True), ("/by_hand", False), ("/gated", True), ("/flow", False), ("/regimes", False)]
)
def test_every_formula_of_a_page_s_text_is_typeset(visit, path, closed):
    """KaTeX marks what it cannot read. On some pages the text is there from the beginning."""
    page = visit(path, ".un[data-stop], .lb[data-painted]")
    if closed:
        page.get_by_text("How to read th").first.click()
    page.locator(".katex").first.wait_for()
    assert (page.locator(".katex-error").count(), page.get_by_text("$$").count()) == (0, 0)
