"""Clipping without a browser."""

import pytest

from explorer.lessons.presets import CLIPPING_PRESETS
from tests.pages.conftest import fine, fire, opened, sent

PARTS = ["How to read these pictures", "Which threshold?", "The wall", "The wall in your network", "Overflow"]


def clipping(**query: str):
    """Clipping with these URL parameters."""
    at = opened("clipping")
    at.query_params.update(query)
    return fine(at.run())


def test_presets_are_on_the_board_and_in_every_part():
    for name, preset in CLIPPING_PRESETS.items():
        at = clipping()
        at.session_state["config"] = preset.config
        fine(at.run())
        assert sent(at)[1]["values"]["weight_scale"] == preset.config.weight_scale, name


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("query", [{}, {"T": "2", "H": "2"}, {"show": "relu,tanh", "scale": "16"}, {"scale": "0.1"}])
def test_every_part(part, query):
    at = clipping(**query)
    at.session_state["clipping_part"] = part
    fine(at.run())


def test_all_four_pictures_are_sent():
    _, frame, _ = sent(clipping())
    assert len(frame["pictures"]) == 4
    assert frame["values"].keys() == {"clip_at", "weight_scale", "sequence_length", "rate"}


def test_training_goes_on_in_slices_until_it_is_done():
    """Every run of the page is a slice; then the pictures and the buttons are there, and one of them is taken."""
    at = clipping(H="4", T="10")
    at.session_state["clipping_part"] = "Which threshold?"
    for _ in range(40):
        fine(at.run())
        if not at.session_state["clipping_training"].running:
            break
    fine(at.run())
    training = at.session_state["clipping_training"]
    assert len(training.norms) == 200
    (button,) = (b for b in at.button if b.label.startswith("Use 1 ×"))
    button.click()
    fine(at.run())
    mean = sum(training.norms) / 200
    assert at.session_state["config"].clip_at == pytest.approx(mean, rel=0.05)
    assert at.session_state["clipping_training"] is training  # without clipping, the threshold changes no training


def test_training_is_stopped():
    at = clipping(H="64", T="200")
    at.session_state["clipping_part"] = "Which threshold?"
    fine(at.run())
    (stop,) = (b for b in at.button if b.label == "Stop")
    stop.click()
    fine(at.run())
    assert not at.session_state["clipping_training"].running
    assert any("Training ended after" in info.value for info in at.info)


def test_a_link_restores_the_wall():
    at = clipping(w="4.5", b="-1.7", wall_rate="0.05", wall_clip="2")
    at.session_state["clipping_part"] = "The wall"
    fine(at.run())
    assert [field.value for field in at.number_input if field.label in ("Start w", "Start b")] == [4.5, -1.7]
    assert not at.warning


def at_the_wall():
    """The wall, open."""
    at = clipping()
    at.session_state["clipping_part"] = "The wall"
    return fine(at.run())


def test_a_click_on_the_map_is_the_start():
    at = fine(fire(at_the_wall(), {"x": 4.5, "y": -1.7}, which=1))
    assert (at.session_state["extras"]["w"], at.session_state["extras"]["b"]) == (4.5, -1.7)
    assert at.query_params["w"] == "4.5"


@pytest.mark.parametrize(
    "payload", [{}, {"x": "4", "y": None}, {"x": 1e9, "y": [1]}, {"x": float("nan"), "y": True}, 7]
)
def test_a_hostile_click_is_refused(payload):
    at = fine(fire(at_the_wall(), payload, which=1))
    assert (at.session_state["extras"]["w"], at.session_state["extras"]["b"]) == (5.5, -2.6)
    assert len(at.error) == 2


@pytest.mark.parametrize("query", [{"w": "100"}, {"b": "x"}, {"wall_rate": "0"}, {"wall_clip": "nan"}, {"rate": "99"}])
def test_bad_links_get_a_sentence(query):
    at = clipping(scale="1.5", **query)
    assert len(at.warning) == 1
    assert at.session_state["config"].weight_scale == 1.5


def test_a_network_without_a_gradient_says_so():
    """Weights of 100 through the identity overflow: there is nothing to look along."""
    at = clipping(show="identity", scale="16", T="200", H="64")
    at.session_state["config"] = at.session_state["config"].__class__(
        weight_scale=100, sequence_length=400, hidden_size=64, truncation="full"
    )
    at.session_state["clipping_part"] = "The wall in your network"
    fine(at.run())
    assert any("no direction" in info.value for info in at.info)
