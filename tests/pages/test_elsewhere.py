"""The network of a page goes along to other pages."""

import pytest

from explorer.config import SPECS
from explorer.elsewhere import DRAWN, PAGES
from explorer.texts import words
from tests.pages.conftest import fine, opened

NETWORK = {"task": "noise", "T": "40", "scale": "2.5", "H": "8", "init": "orthogonal", "bias": "0.1", "seed": "3"}
NETWORK |= {"inscale": "0.5"}


def at_page(page, **query):
    """The page after somebody has come to it by a link."""
    at = opened(page)
    at.query_params.update(query)
    return fine(at.run())


@pytest.mark.parametrize("there", PAGES)
@pytest.mark.parametrize("here", PAGES)
def test_the_same_network(here, there):
    """Every page takes every setting, without a word."""
    at = at_page(here, **NETWORK)
    assert {SPECS[field].url for field in DRAWN} == set(NETWORK)
    row = at.button_group(key=f"elsewhere_{here}")
    assert row.options == [words(f"{name}.title") for name in PAGES if name != here]
    if here == there:
        return
    before = at.session_state["config"]
    assert before.seed == 3
    fine(row.select(there).run())
    assert at.session_state["page"].name == there
    after = at.session_state["config"]
    assert all(getattr(after, field) == getattr(before, field) for field in DRAWN)
    assert not at.warning


def test_there_and_back():
    """The name that was clicked is not clicked any more when its page is opened again."""
    at = at_page("explore", scale="2.5")
    for here, there in (("explore", "flow"), ("flow", "explore"), ("explore", "regimes")):
        fine(at.button_group(key=f"elsewhere_{here}").select(there).run())
        fine(at.run())
        assert at.session_state["page"].name == there
        assert at.button_group(key=f"elsewhere_{there}").value is None


def test_what_another_page_cannot_show_is_said():
    at = at_page("flow", T="500", task="text", text="to be or not to be")
    fine(at.button_group(key="elsewhere_flow").select("explore").run())
    after = at.session_state["config"]
    assert (after.sequence_length, after.text) == (50, "to be or not to be")
    assert "500 is out of range" in at.warning[0].value
