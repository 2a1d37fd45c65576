"""Shapes in a real Chromium: dragged through the updates without asking Python, clicked, learnt by itself."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.shapes import SHAPES
from explorer.engine.shapes.learning import KEPT, Setup, learn
from explorer.engine.shapes.looking import look
from explorer.engine.truncation import TRUNCATIONS
from explorer.figures.theme import power

SETUP = Setup(CELLS["rnn"], ACTIVATIONS["tanh"], TRUNCATIONS["full"].keep, 2, 1.0, 0)


@pytest.fixture
def shapes(visit):
    """shapes(query) → a page on Shapes that has drawn."""
    return lambda query="": visit(f"/shapes{query}", ".sh[data-painted]")


def painted(page, updates: int):
    """Wait until the diagram shows the network after so many updates."""
    page.wait_for_selector(f".sh[data-painted='{updates}']")


def numbers(page) -> list[str]:
    """The numbers at the arrows."""
    return page.locator(".sh-number").all_text_contents()


def expected(shape: str, text: str, updates: int) -> list[str]:
    """What one chain's arrows carry, computed here: losses, inputs, hand-overs."""
    learnt = learn(SHAPES[shape], SETUP)
    norms = look(SHAPES[shape], SETUP, learnt, SHAPES[shape].task.known(text)).norms["chain"]
    c = KEPT.index(updates)
    own = norms.own[c][np.isfinite(norms.own[c])]
    return sorted(power(float(x), 2) for x in (*own, *norms.entering[c], *norms.back[c, 1:]))


def test_the_slider_moves_without_python_and_then_stands_in_the_url(shapes):
    page = shapes()
    page.locator("#sh-updates").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    painted(page, KEPT[8])
    assert sorted(numbers(page)) == expected("many-to-one", "the film was good", KEPT[8])
    page.wait_for_function(f"location.search.includes('updates={KEPT[8]}')")
    painted(page, KEPT[8])


def test_an_example_is_clicked_and_learns_by_itself(shapes):
    page = shapes("?updates=160")
    page.get_by_role("button", name="the song was not lovely").click()
    page.wait_for_function("document.querySelectorAll('.sh-read').length === 5")
    assert page.locator(".sh-read").all_text_contents() == ["the", "song", "was", "not", "lovely"]
    painted(page, 160)
    page.get_by_role("button", name="learn").click()
    painted(page, 300)
    assert "26 of 26 right" in page.locator(".sh-score").inner_text()
    page.wait_for_function("location.search.includes('updates=300')")


def test_two_directions_and_nothing_overlaps_the_edge(shapes):
    """Every text of the drawing lies inside it."""
    page = shapes("?shape=bidirectional&updates=6&net=lstm")
    outside = page.locator(".sh-svg").evaluate(
        """svg => { const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("text")].filter((text) => {
                const r = text.getBoundingClientRect();
                const across = r.left < box.left - 1 || r.right > box.right + 1;
                return across || r.top < box.top - 1 || r.bottom > box.bottom + 1;
            }).map((text) => text.textContent); }"""
    )
    assert outside == []
    assert page.locator(".sh-matrix").count() == 2
