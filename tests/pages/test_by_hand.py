"""By hand without a browser: settings, links, parts, hostile events."""

from __future__ import annotations

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.pages.conftest import board_of, event, fine, fire, opened, send

PARTS = ("How to read this", "Check the gradient", "Learn: one gradient step", "Own weights", "Memory and work")


def hand(**query: str):
    """By hand with these URL parameters."""
    at = opened("by_hand")
    at.query_params.update(query)
    return fine(at.run())


def warnings(at) -> str:
    """All warnings in one text."""
    return " ".join(w.value for w in at.warning)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("word", ["dogs", "hi", "noon", "Übergröß"])
def test_every_part_for_every_word(part, word):
    at = hand(text=word, loss="every", updates="3")
    at.session_state["by_hand_part"] = part
    fine(at.run())


def test_no_chart_is_drawn_before_somebody_asks():
    """A browser is busy for a second and a half with the first one, and the network would wait for it."""
    assert not hand().get("plotly_chart")


def test_a_link_restores_word_network_place_updates_and_weights():
    at = hand(text="cats", H="2", phi="sigmoid", at="5", updates="7", rate="0.25", weights="W_hh:0.5,0;0,-1")
    config, extras = at.session_state["config"], at.session_state["extras"]
    assert (config.text, config.hidden_size, config.activation) == ("cats", 2, "sigmoid")
    assert extras == {"at": 5, "updates": 7, "rate": 0.25, "weights": {"W_hh": ((0.5, 0.0), (0.0, -1.0))}}
    assert not at.warning


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"text": "ninechars"}, "2 to 8"),
        ({"text": "aa"}, "one symbol"),
        ({"H": "6"}, "from 2 to 5"),
        ({"phi": "relu"}, "tanh, sigmoid"),
        ({"at": "x"}, "whole number"),
        ({"updates": "1e9"}, "from 0 to 200"),
        ({"rate": "nan"}, "number"),
        ({"weights": "W_hh:1,2;3"}, "different lengths"),
        ({"weights": "W_hh:1,nan,2"}, "outside"),
        ({"weights": "W_zz:1"}, "is not a weight"),
        ({"weights": "💥"}, "is not a weight"),
        ({"weights": "W_hh:1,2;3,4"}, "needs 3×3"),
    ],
)
def test_a_bad_value_gets_a_sentence_and_the_rest_stays(query, words):
    at = hand(seed="5", **query)
    assert words in warnings(at).replace("\\", "")
    assert at.session_state["config"].seed == 5


def test_typed_weights_start_the_network():
    """Zero recurrent weights: nothing reaches an earlier state."""
    at = hand(weights="W_hh:0,0,0;0,0,0;0,0,0")
    assert at.session_state["extras"]["weights"]["W_hh"] == ((0.0,) * 3,) * 3


@pytest.mark.parametrize(
    "payload",
    [
        {"move": 1},
        {"move": "last"},
        {"move": "nowhere"},
        {"move": [1]},
        {"down": 1},
        {"down": "x"},
        {"key": "flow:3,1"},
        {"key": "flow:9,9"},
        {"key": "W_hh", "entry": [0, 0]},
        {"key": "a:2", "entry": [0, 99]},
        {"key": "a:2", "entry": ["x", None]},
        {"key": "a:2", "entry": [-1, 0]},
        {"key": ["a"]},
        {"key": {"a": 1}},
        [],
        "text",
        7,
        {},
    ],
)
def test_whatever_the_browser_sends_the_page_stands(payload):
    fine(fire(hand(), payload))


def test_the_settings_of_the_two_pages_do_not_mix():
    at = hand(text="cats")
    at.switch_page("explorer/pages/explore.py")
    fine(at.run())
    assert at.session_state["config"].task == "dogs"
    at.switch_page("explorer/pages/by_hand.py")
    fine(at.run())
    assert at.session_state["config"].text == "cats"


def test_what_a_page_says_after_it_has_been_left_is_nothing():
    """A browser may say it, when the theme changes in that moment: no page fails, and no settings mix."""
    at = hand(text="cats")
    word, walk = at.text_input(key="control_text").proto.id, board_of(at)
    for page in ("own", "explore"):
        fine(at.switch_page(f"explorer/pages/{page}.py").run())
        before = at.session_state["config"]
        fine(send(at, WidgetState(id=word, string_value="dogs")))
        fine(send(at, event(walk, {"move": "last"})))
        assert at.session_state["config"] == before
    fine(at.switch_page("explorer/pages/by_hand.py").run())
    assert at.session_state["config"].text == "cats"
    assert at.session_state["extras"]["at"] == 0


def test_arrow_down_is_about_the_quantity_that_a_link_shows():
    """And not about the one that was in view before it was opened."""
    at = fire(fire(hand(), {"move": "last"}), {"down": 1})
    at.query_params["at"] = "2"
    at.run()
    assert at.session_state["extras"]["at"] == 2
    fine(fire(at, {"down": 1}))
    assert any("Entry 1:" in each.value for each in at.markdown)
