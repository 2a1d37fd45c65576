"""Regimes in a real Chromium."""

import json

import pytest

from explorer.config import Config
from explorer.engine.diagnostics import spread
from explorer.figures.theme import power
from explorer.run import MAP_SCALES, regime_map
from tests.browser.board import drag

SCALE = MAP_SCALES[30]


@pytest.fixture
def regimes(visit):
    """regimes(query) → a page on Regimes that has settled."""
    return lambda query="": visit(f"/regimes{query}", ".lb[data-settled='true']")


def place(page, T: float, scale: float) -> list[float]:
    """Where a point of tanh's map lies on the screen."""
    return page.locator(".lb-plot").first.evaluate(
        """(plot, [T, scale]) => {
            const {xaxis: X, yaxis: Y} = plot._fullLayout, box = plot.getBoundingClientRect();
            return [box.x + X._offset + X.d2p(T), box.y + Y._offset + Y.d2p(Math.log10(scale))];
        }""",
        [T, scale],
    )


def test_hovering_a_cell_reads_the_median_and_the_spread_of_real_runs(regimes):
    page = regimes("?H=6")
    made = regime_map(Config(hidden_size=6, sequence_length=80), ("tanh", "sigmoid"), (SCALE,), range(8))
    page.mouse.move(*place(page, 80, SCALE))
    page.locator(".lb-tip div").nth(2).wait_for()
    words = page.locator(".lb-tip").inner_text()
    assert f"T = 80 · weight scale {SCALE:g}" in words
    for name in ("tanh", "sigmoid"):
        least, median, most = (power(float(x)) for x in spread(made.ratios[name][:, 0, -1]))
        assert f"{name}: ×{median} (seeds ×{least} … ×{most})" in words


def test_the_map_is_blue_where_it_must_vanish_and_red_where_it_grows(regimes):
    page = regimes()
    low, high = (
        page.locator(".lb-plot").first.evaluate(
            """(plot, [T, scale]) => {
                const {xaxis: X, yaxis: Y} = plot._fullLayout, canvas = plot.parentElement.querySelector("canvas");
                const at = [X._offset + X.d2p(T), Y._offset + Y.d2p(Math.log10(scale))];
                const ratio = canvas.width / plot.clientWidth;
                return [...canvas.getContext("2d").getImageData(...at.map(v => Math.floor(v * ratio)), 1, 1).data];
            }""",
            point,
        )
        for point in ([150, 0.2], [150, 8])
    )
    assert low[2] > low[0] + 60
    assert high[0] > high[2] + 60


def test_a_click_opens_explore_at_that_point_and_leaves_a_trail(regimes):
    page = regimes("?H=6&seed=2")
    page.mouse.click(*place(page, 80, SCALE))
    page.wait_for_function("!location.pathname.includes('regimes')")
    page.wait_for_selector(".lb[data-settled='true']")
    painted = json.loads(page.locator(".lb").get_attribute("data-painted"))
    assert (painted["sequence_length"], painted["weight_scale"]) == (80, SCALE)
    page.wait_for_function("location.search.includes('seed=2') && location.search.includes('H=6')")
    page.get_by_role("link", name="Regimes").click()
    page.wait_for_function(f"decodeURIComponent(location.search).includes('trail=80x{SCALE:g}')")
    page.locator(".lb-key", has_text="visited").wait_for()


def test_a_drag_over_the_map_zooms_and_opens_nothing(regimes):
    page = regimes("?H=6")
    page.mouse.move(*place(page, 60, 0.5))
    page.mouse.down()
    page.mouse.move(*place(page, 140, 4), steps=4)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.lb-plot')._fullLayout.xaxis.range[0] > 50")
    assert "regimes" in page.evaluate("location.pathname")


def test_the_second_board_is_dragged_beside_the_first(regimes):
    """Activations: the input moves in small steps, and the map's board stays what it was."""
    page = regimes("?H=6")
    page.get_by_role("radio", name="Activations").click()
    boards = page.locator(".lb")
    page.wait_for_function("document.querySelectorAll('.lb[data-settled=true]').length === 2")
    before = boards.nth(0).get_attribute("data-key")
    page.locator("#lb-a").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("location.search.includes('a=1.5')")
    page.wait_for_function("document.querySelectorAll('.lb[data-settled=true]').length === 2")
    assert json.loads(boards.nth(1).get_attribute("data-painted")) == {"a": 1.5, "times": 6}
    assert "tanh(1.50) = 0.905" in boards.nth(1).inner_text()
    assert boards.nth(0).get_attribute("data-key") == before


def test_the_setting_moves_over_the_map_while_a_slider_is_dragged(regimes):
    """Several scales are painted before the mouse is let go, without an answer from the server for each."""
    page = regimes("?H=6")
    drag(page, "weight_scale", 0.2)


def test_a_large_network_fills_its_map_seed_by_seed(regimes):
    """The page is there before all seeds are."""
    page = regimes("?H=64&seed=404")
    page.wait_for_function("[...document.querySelectorAll('.lb-title')].some(t => t.textContent.includes('8 seeds'))")
    page.wait_for_selector("[data-testid=stProgress]", state="detached")
