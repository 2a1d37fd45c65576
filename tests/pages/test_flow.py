"""Gradient flow without a browser."""

import pytest

from explorer.lessons.presets import FLOW_PRESETS
from tests.pages.conftest import fine, fire, opened, sent


def flow(**query: str):
    """Gradient flow with these URL parameters."""
    at = opened("flow")
    at.query_params.update(query)
    return fine(at.run())


@pytest.mark.parametrize("name", FLOW_PRESETS)
def test_presets(name):
    at = flow()
    at.session_state["config"] = FLOW_PRESETS[name].config
    fine(at.run())
    assert len(sent(at)[1]["pictures"]) == 4


@pytest.mark.parametrize("part", ["By lag", "What truncation loses", "One factor", "Randomised"])
@pytest.mark.parametrize(
    "query", [{}, {"T": "2", "H": "2"}, {"loss": "last", "trunc": "randomised"}, {"show": "relu", "scale": "16"}]
)
def test_every_part(part, query):
    at = flow(**query)
    at.session_state["flow_part"] = part
    fine(at.run())


def test_a_link_restores_the_chosen_step_and_a_long_sequence():
    at = flow(step="77", T="400", H="8")
    assert sent(at)[1]["values"]["step"] == 77
    assert sent(at)[1]["values"]["sequence_length"] == 400
    assert not at.warning


@pytest.mark.parametrize("query", [{"step": "0"}, {"step": "x"}, {"T": "501"}, {"step": "1e99"}])
def test_bad_links_get_a_sentence(query):
    at = flow(scale="2", **query)
    assert len(at.warning) == 1
    assert at.session_state["config"].weight_scale == 2


def test_the_step_slider_and_its_strip():
    at = fine(fire(flow(), {"field": "step", "value": 12, "strip": True, "serial": 1}))
    envelope, frame, frames = sent(at)
    assert frame["values"]["step"] == 12
    assert envelope["strip"]["field"] == "step"
    assert [f["values"]["step"] for f in frames] == list(envelope["strip"]["values"])
    assert envelope["strip"]["key"] == frame["others"]["step"]


@pytest.mark.parametrize("value", [None, "x", 0, 10**9, float("nan"), [], True])
def test_a_hostile_step_is_refused(value):
    at = fine(fire(flow(step="9"), {"field": "step", "value": value, "serial": 1}))
    assert at.session_state["extras"]["step"] == 9
    assert at.error
