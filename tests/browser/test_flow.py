"""Gradient flow in a real Chromium."""

import pytest

from explorer.config import Config
from explorer.engine.diagnostics import FLOAT32_ZERO
from explorer.figures.theme import power
from explorer.run import compare
from tests.browser.board import drag

CONFIG = Config(loss_at="every", hidden_size=32)


@pytest.fixture
def flow(visit):
    """flow(query) → a page on Gradient flow that has settled."""
    return lambda query="": visit(f"/flow{query}", ".lb[data-settled='true']")


def reading(page, step: int, loss: int) -> str:
    """What the pointer reads at one entry of the first matrix."""
    x, y = page.locator(".lb-plot").first.evaluate(
        """(plot, [k, t]) => {
            const {xaxis: X, yaxis: Y} = plot._fullLayout, box = plot.getBoundingClientRect();
            return [box.x + X._offset + X.d2p(k), box.y + Y._offset + Y.d2p(t)];
        }""",
        [step, loss],
    )
    page.mouse.move(x, y)
    page.locator(".lb-tip div").nth(1).wait_for()
    return page.locator(".lb-tip").inner_text()


def test_hovering_a_cell_reads_the_engine_s_number_and_its_factors(flow):
    page, trace = flow(), compare(CONFIG)["tanh"]
    words = reading(page, 12, 40)
    assert f"loss 40 → state 12: {power(trace.flow.log10_norms[39, 11])}" in words
    assert "28 factors of ×" in words
    assert "of the total’s norm" in words
    assert "no loss before its state" in reading(page, 40, 12)


def test_the_pixels_of_the_triangle_fade_with_distance(flow):
    """Far terms of sigmoid are paler than near ones, and above the diagonal nothing is painted."""
    page = flow()
    alpha_and_sum = page.locator(".lb-plot").first.evaluate(
        """plot => [[48, 50], [5, 50], [50, 5]].map(([k, t]) => {
            const {xaxis2: X, yaxis2: Y} = plot._fullLayout, canvas = plot.parentElement.querySelector("canvas");
            const ratio = canvas.width / plot.clientWidth;
            const at = [X._offset + X.d2p(k), Y._offset + Y.d2p(t)].map(v => Math.floor(v * ratio));
            const [r, g, b, a] = canvas.getContext("2d").getImageData(...at, 1, 1).data;
            return [a, r + g + b];
        })"""
    )
    (near_alpha, near), (far_alpha, far), (above_alpha, _) = alpha_and_sum
    assert (near_alpha, far_alpha, above_alpha) == (255, 255, 0)
    assert far > near + 50
    assert compare(CONFIG)["sigmoid"].flow.log10_norms[49, 4] > FLOAT32_ZERO


def test_the_chosen_step_is_dragged(flow):
    """Several steps are painted before the mouse is let go; then the URL holds the last."""
    page = flow()
    last = drag(page, "step", 0.1)
    page.wait_for_function(f"location.search.includes('step={last}')")


def test_a_long_sequence_is_binned(flow):
    page = flow("?T=400&H=8")
    assert "4×4" in page.locator(".lb-title").first.inner_text()


# Every frame from now on in which a chart is higher than its box: [height of the box, height of what is in it].
OVERFLOWS = """() => {
    window.overflown = [];
    const look = () => {
        for (const box of document.querySelectorAll(".stElementContainer:has(.stPlotlyChart)"))
            if (box.scrollHeight > box.clientHeight) overflown.push([box.clientHeight, box.scrollHeight]);
        requestAnimationFrame(look);
    };
    look();
}"""


def test_a_chart_outside_the_board_follows_the_theme(flow):
    """Its colours are Python's, which hears of the change; while it is drawn anew, it is never higher than its box."""
    page = flow("?T=20")
    page.locator(".st-key-flow_part button").nth(1).click()
    page.locator(".stPlotlyChart .main-svg").first.wait_for()
    page.evaluate(OVERFLOWS)
    for scheme, colour in 2 * (("dark", "rgb(250, 250, 250)"), ("light", "rgb(49, 51, 63)")):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(
            """ink => {
                const number = document.querySelector(".stPlotlyChart .xtick text");
                return number && getComputedStyle(number).fill === ink;
            }""",
            arg=colour,
        )
    assert page.evaluate("overflown") == []
