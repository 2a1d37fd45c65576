"""Gated cells without a browser."""

import pytest

from explorer.lessons.presets import GATED_PRESETS
from tests.pages.conftest import fine, fire, opened, sent


def gated(**query: str):
    """Gated cells with these URL parameters."""
    at = opened("gated")
    at.query_params.update(query)
    return fine(at.run())


@pytest.mark.parametrize("name", GATED_PRESETS)
def test_presets(name):
    at = gated()
    at.session_state["config"] = GATED_PRESETS[name].config
    fine(at.run())
    frame = sent(at)[1]
    assert len(frame["pictures"]) == 4
    assert [v["name"] for v in frame["verdicts"]] == ["tanh", "lstm", "gru"]


def test_the_forget_bias_is_a_slider_with_a_strip():
    at = fine(fire(gated(T="20", H="4"), {"field": "forget_bias", "value": 2.5, "strip": True, "serial": 1}))
    envelope, frame, frames = sent(at)
    assert at.session_state["config"].forget_bias == 2.5
    assert frame["values"]["forget_bias"] == 2.5
    assert [f["values"]["forget_bias"] for f in frames] == list(envelope["strip"]["values"])


def test_without_a_gated_cell_the_forget_bias_says_that_it_does_nothing():
    sliders = sent(gated(show="tanh,sigmoid"))[0]["sliders"]
    assert "no gates" in next(s["note"] for s in sliders if s["field"] == "forget_bias")
    assert not next(s["note"] for s in sent(gated())[0]["sliders"] if s["field"] == "forget_bias")


def test_a_link_may_hold_the_carousel():
    at = gated(fbias="100")
    assert not at.warning
    assert sent(at)[1]["values"]["forget_bias"] == 100


@pytest.mark.parametrize("query", [{"fbias": "101"}, {"fbias": "💥"}, {"show": "lstm,mamba"}, {"trunc": "block"}])
def test_bad_links_get_a_sentence(query):
    at = gated(T="20", **query)
    assert len(at.warning) == 1
    assert at.session_state["config"].sequence_length == 20


def test_five_cells_are_too_many():
    at = gated(show="tanh,sigmoid,relu,lstm,gru")
    assert "at most 4" in at.warning[0].value
    assert at.session_state["extras"]["show"] == ("tanh", "lstm", "gru")
