"""Shapes without a browser: every shape and network, links, things typed, hostile events."""

from __future__ import annotations

import io
import json
import wave

import numpy as np
import pytest

from explorer.engine.shapes import SHAPES
from explorer.engine.shapes.learning import KEPT
from explorer.sound import PITCHES, RATE, wav
from tests.pages.conftest import board_of, fine, fire, opened


def shapes(**query: str):
    """Shapes with these URL parameters."""
    at = opened("shapes")
    at.query_params.update(query)
    return fine(at.run())


def drawn(at) -> dict:
    """What the diagram receives; it is JSON that any browser reads: no NaN, no Infinity."""
    return json.loads(board_of(at).json, parse_constant=lambda name: pytest.fail(f"{name} in the diagram's data"))


def words(messages) -> str:
    """All messages in one text, without Markdown's escapes."""
    return " ".join(message.value for message in messages).replace("\\", "")


@pytest.mark.parametrize("net", ["tanh", "lstm"])
@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_drawn_for_every_kept_update(name, net):
    at = shapes(shape=name, net=net, trunc="block", window="3")
    data = drawn(at)
    assert not at.warning
    assert not at.error
    assert data["updates"] == list(KEPT)
    assert len(data["moments"]) == len(KEPT)
    assert len(data["chains"]) == len(SHAPES[name].chains)
    assert len(data["matrices"]) == (2 if name == "bidirectional" else 1)
    assert len(data["rows"]) == len(SHAPES[name].task.examples + SHAPES[name].task.unseen)
    assert SHAPES[name].about in words(at.markdown)


def test_what_a_truncation_cuts_is_marked():
    (chain,) = drawn(shapes(trunc="block", window="2", read="the film was good"))["chains"]
    assert chain["kept"] == [False, True, False, True]
    assert chain["norms"][0]["back"][2] == [None, "0"]


def test_a_link_restores_everything():
    at = shapes(shape="encoder-decoder", net="gru", read="bca", updates="40", scale="0.5", listen="yes")
    assert at.session_state["extras"] == {
        "shape": "encoder-decoder",
        "net": "gru",
        "read": "bca",
        "updates": 40,
        "listen": "yes",
    }
    assert at.session_state["config"].weight_scale == 0.5
    data = drawn(at)
    assert data["value"] == 40
    assert data["chains"][0]["reads"][0] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"shape": "triangle"}, "choose one of one-to-one"),
        ({"net": "transformer"}, "choose one of tanh"),
        ({"updates": "7"}, "was not kept"),
        ({"updates": "1e9"}, "was not kept"),
        ({"read": "x" * 500}, "at most 120"),
        ({"scale": "nan"}, "number"),
        ({"scale": "50"}, "from 0.1 to 4"),
        ({"trunc": "sliding"}, "full, block"),
        ({"listen": "💥"}, "no, yes"),
    ],
)
def test_a_bad_link_gets_a_sentence_and_the_rest_stays(query, sentence):
    at = shapes(seed="5", **query)
    assert sentence in words(at.warning)
    assert at.session_state["config"].seed == 5


@pytest.mark.parametrize(
    ("shape", "read", "sentence"),
    [
        ("many-to-one", "the pizza was good", "“pizza” is not a word that this network has read"),
        ("many-to-one", "the " * 9, "type 1 to 8"),
        ("bidirectional", "the girl drinks water", "“drinks” is not a word"),
        ("bidirectional", "the girl cold water", "Leave out exactly one word"),
        ("encoder-decoder", "abcabc", "type 2 to 4 of the letters a, b, c"),
        ("one-to-many", "H", "is not one of the notes"),
        ("one-to-one", "<b>", "is not one letter"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_first_example_is_shown(shape, read, sentence):
    at = shapes(shape=shape, read=read)
    assert sentence in words(at.error)
    assert drawn(at)["known"]


def test_a_sentence_of_one_s_own_has_no_right_answer():
    at = shapes(read="the soup was not very good", updates="300")
    data = drawn(at)
    assert not data["known"]
    assert data["moments"][-1]["answers"][-1]["right"] is None
    assert "own last answer" in words(at.info)


def test_the_slider_and_a_click_on_an_example():
    at = fine(fire(shapes(), {"updates": 50}))
    assert drawn(at)["value"] == 50
    at = fine(fire(at, {"read": "the song was bad"}))
    assert drawn(at)["chains"][0]["reads"][0] == ["the", "song", "was", "bad"]
    assert drawn(at)["value"] == 50


@pytest.mark.parametrize(
    "event",
    [None, [], "x", {"updates": 7}, {"updates": "50"}, {"updates": [1]}, {"updates": 1e99}, {"read": 3}, {"read": {}}],
)
def test_a_hostile_event_changes_nothing(event):
    at = fine(fire(shapes(updates="20"), event))
    assert at.session_state["extras"]["updates"] == 20
    assert at.session_state["extras"]["read"] == ""


def test_another_shape_reads_something_else():
    at = shapes(read="the song was bad")
    at.segmented_control(key="shapes_shape").set_value("one-to-many").run()
    fine(at)
    assert not at.error
    assert len(at.get("audio")) == 2


@pytest.mark.parametrize("note", PITCHES)
def test_a_note_sounds_at_its_pitch(note):
    with wave.open(io.BytesIO(wav([note]))) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        assert file.getframerate() == RATE
    spectrum = np.abs(np.fft.rfft(samples))
    heard = spectrum.argmax() * RATE / len(samples)
    assert heard == pytest.approx(440 * 2 ** ((PITCHES[note] - 69) / 12), abs=2)
    assert abs(samples).max() < 32_767


def test_the_diagram_is_told_which_of_its_events_is_answered():
    """Else an answer that is late would move the slider back."""
    at = fine(fire(shapes(), {"updates": 50, "serial": 7}))
    assert drawn(at)["answer"] == 7
