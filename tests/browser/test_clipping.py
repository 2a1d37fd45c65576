"""Clipping in a real Chromium."""

import pytest

from explorer.engine.one_unit import descend
from tests.browser.board import drag

PLAYER = ".pl[data-frame]"


@pytest.fixture
def clipping(visit):
    """clipping(query) → a page on Clipping that has settled."""
    return lambda query="": visit(f"/clipping{query}", ".lb[data-settled='true']")


@pytest.fixture
def at_the_wall(clipping):
    """The same with the wall open."""

    def go(query=""):
        page = clipping(query)
        page.get_by_text("The wall", exact=True).click()
        page.wait_for_selector(PLAYER)
        return page

    return go


def frame(page) -> int:
    """Which update the player shows."""
    return int(page.locator(".pl").get_attribute("data-frame"))


def shown(page, name: str, axes: str) -> list:
    """The points of a trace on the map ("y"), or of the norms ("y2"): [x, y]."""
    return page.locator(".pl-plot").evaluate(
        """(plot, [name, axes]) => {
            const trace = plot.data.find((t) => t.name === name && t.type === "scatter" && (t.yaxis ?? "y") === axes);
            return [Array.from(trace.x), Array.from(trace.y)];
        }""",
        [name, axes],
    )


def test_the_threshold_is_dragged(clipping):
    """Several thresholds are painted before the mouse is let go; then the URL holds the last."""
    page = clipping()
    last = drag(page, "clip_at", 0.87)
    page.wait_for_function(f"Number(new URLSearchParams(location.search).get('clip_at')) === {last}")


def test_the_descent_is_played_and_stepped(at_the_wall):
    """Reset, step, back and the arrow keys show one update after another; the points are the engine's."""
    page = at_the_wall()
    assert frame(page) == 60
    path = descend(5.5, -2.6, 60, 0.2)
    assert shown(page, "not clipped", "y")[0] == pytest.approx(path.w, rel=1e-5)
    page.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_selector(".pl[data-frame='0']")
    page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_selector(".pl[data-frame='1']")
    assert shown(page, "not clipped", "y")[1] == pytest.approx(path.b[:2], rel=1e-5)
    assert "After 1 update" in page.locator(".pl-words").inner_text()
    page.get_by_role("button", name="Back", exact=True).press("Enter")
    page.wait_for_selector(".pl[data-frame='0']")
    page.locator(".pl-bar input").press("ArrowRight")
    page.wait_for_selector(".pl[data-frame='1']")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(".pl[data-frame='4']")
    page.get_by_role("button", name="Pause", exact=True).click()
    assert 4 <= frame(page) < 20


def test_a_click_on_the_map_is_the_start(at_the_wall):
    """The start, the URL and both descents are where the mouse was; the plot is the same element."""
    page = at_the_wall()
    plot = page.locator(".pl-plot")
    plot.scroll_into_view_if_needed()
    x, y = plot.evaluate(
        """plot => {
            plot.dataset.same = "yes";
            const {xaxis: X, yaxis: Y} = plot._fullLayout, box = plot.getBoundingClientRect();
            return [box.x + X._offset + X.d2p(4.5), box.y + Y._offset + Y.d2p(-1.7)];
        }"""
    )
    page.mouse.move(x - 3, y - 3)
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    page.wait_for_function("new URLSearchParams(location.search).has('w')")
    page.wait_for_function(
        """() => {
            const plot = document.querySelector(".pl-plot");
            return Math.abs(plot.data.find((t) => t.name === "clipped" && t.type === "scatter").x[0] - 4.5) < 0.01;
        }"""
    )
    (w, *_), (b, *_) = shown(page, "clipped", "y")
    assert (w, b) == (pytest.approx(4.5, abs=0.01), pytest.approx(-1.7, abs=0.01))
    query = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    assert (float(query["w"]), float(query["b"])) == (pytest.approx(w), pytest.approx(b))
    assert plot.get_attribute("data-same") == "yes"


def test_norms_of_training_suggest_a_threshold(clipping):
    """The run comes to its end by itself, and a click takes a threshold over."""
    page = clipping()
    page.get_by_text("Which threshold?", exact=True).click()
    button = page.get_by_role("button", name="Use 1 × mean")
    button.wait_for()
    button.click()
    page.wait_for_function("new URLSearchParams(location.search).has('clip_at')")
    at = page.evaluate("Number(new URLSearchParams(location.search).get('clip_at'))")
    page.wait_for_function(f"JSON.parse(document.querySelector('.lb').dataset.painted).clip_at === {at}")
