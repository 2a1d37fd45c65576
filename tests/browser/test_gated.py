"""Gated cells in a real Chromium."""

import pytest


@pytest.fixture
def gated(visit):
    """gated(query) → a page on Gated cells that has settled."""
    return lambda query="": visit(f"/gated{query}", ".lb[data-settled='true']")


def matrix_of_lstm(page) -> str:
    """The pixels of the fourth picture."""
    return page.locator(".lb-stage canvas:first-child").nth(3).evaluate("canvas => canvas.toDataURL()")


def test_the_forget_bias_changes_the_picture_and_the_url(gated):
    page = gated("?T=40")
    before, slider = matrix_of_lstm(page), page.get_by_role("slider", name="Forget bias")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.lb').dataset.painted.includes('\"forget_bias\":2')")
    page.locator(".lb[data-settled='true']").wait_for()
    assert matrix_of_lstm(page) != before
    page.wait_for_function("location.search.includes('fbias=2')")


def test_three_verdicts_stand_side_by_side(gated):
    boxes = [each.bounding_box() for each in gated().locator(".lb-verdict").all()]
    assert len(boxes) == 3
    assert len({round(box["y"]) for box in boxes}) == 1
