"""Parts of pages that are folded up at first."""

import pytest

from explorer.texts import text
from tests.pages.conftest import fine, opened


def texts(at):
    return [markdown.value for markdown in at.markdown]


@pytest.mark.parametrize("page", ["explore", "gated", "shapes"])
def test_how_it_works_is_made_when_it_is_unfolded(page):
    at = opened(page)
    assert text(page).strip() not in texts(at)
    at.session_state[f"{page}_folded"] = True
    fine(at.run())
    assert text(page).strip() in texts(at)


def test_the_only_part_that_beginners_see():
    at = opened("flow", level="beginner")
    folded = texts(at)
    at.session_state["flow_folded"] = True
    fine(at.run())
    assert len(texts(at)) > len(folded)
