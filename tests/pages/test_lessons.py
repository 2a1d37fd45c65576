"""The Lessons page without a browser: every screen answered right and wrong, the place in the URL, presenting."""

from __future__ import annotations

import json

import numpy as np
import pytest

from explorer.lessons.catalogue import LESSONS
from explorer.lessons.questions import Choose, Magnitude
from explorer.live.presenter import LARGEST, SMALLEST
from tests.pages.conftest import ROOT, board_of, components, fine, fire, opened, tell
from tests.pages.test_explore import sentences

FIRST = next(iter(LESSONS))
SUBMIT = "This is my answer"
KEYS, PICTURE = 0, 1  # the components of the page in their order; the second is a pad, or a board


def at_screen(lesson, number=1, **query):
    """The page at a place."""
    return fine(opened("lessons", lesson=lesson, screen=str(number), **query))


def place(at):
    """Where the page is."""
    return at.session_state["lesson_place"]


def button(at, label):
    """The button with this label."""
    (found,) = (each for each in at.button if each.label == label)
    return found


def answers_to(question, truth):
    """A right and a wrong answer."""
    if isinstance(question, Choose):
        return truth, next(name for name in question.options if name != truth)
    if isinstance(question, Magnitude):
        ends = question.low, question.high
        return truth, max(ends, key=lambda end: abs(end - truth))
    return truth.values.tolist()[:: -(-len(truth.x) // 64)], [*truth.range][::-1]


def give(at, question, key, answer):
    """Answer as a reader does."""
    if isinstance(question, Choose):
        return button(at.radio(key=key).set_value(answer).run(), SUBMIT).click().run()
    if isinstance(question, Magnitude):
        slider = at.select_slider(key=key)
        positions = np.linspace(question.low, question.high, len(slider.options))
        nearest = positions[np.abs(positions - answer).argmin()]
        return button(slider.set_value(nearest).run(), SUBMIT).click().run()
    return fire(at, {"values": answer}, PICTURE)


@pytest.mark.parametrize("which", [0, 1], ids=["right", "wrong"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_walk_through(lesson, which):
    """Screen by screen: locked until answered; then the verdict, the explanation, the live board."""
    at = at_screen(lesson)
    for number, screen in enumerate(LESSONS[lesson].screens, 1):
        assert place(at) == (lesson, number)
        assert "board" not in components(at), "locked until the answer is in"
        assert not any(screen.takeaway in text.value for text in at.markdown)
        truth = screen.question.truth(screen.traces())
        answer = answers_to(screen.question, truth)[which]
        fine(give(at, screen.question, f"lesson_{lesson}_{number}", answer))
        assert "board" in components(at)
        assert (len(at.success), len(at.warning)) == ((1, 0) if which == 0 else (0, 1)), sentences(at)
        assert any(screen.takeaway in text.value for text in at.markdown)
        assert at.session_state["config"] == screen.config
        (why,) = at.text_area
        assert why.label == screen.why
        if number < len(LESSONS[lesson].screens):
            fine(button(at, "Next").click().run())
    assert button(at, "Next").disabled


def url_of(at):
    """The URL parameters."""
    return {name: "".join(value) for name, value in at.query_params.items()}


def test_url_says_where():
    """And nothing else, whatever the settings of the screen are; a link brings back place and slider."""
    at = at_screen("clipping", 3)
    assert url_of(at) == {"lesson": "clipping", "screen": "3"}
    at = fine(fire_board(at_answered("vanishing", 2), {"field": "weight_scale", "value": 2.0, "serial": 1}))
    assert url_of(at) == {"lesson": "vanishing", "screen": "2", "scale": "2"}
    linked = at_screen("vanishing", 2, scale="2")
    assert linked.session_state["config"] == at.session_state["config"]


def at_answered(lesson, number):
    """The page at a place, with an answer."""
    screen = LESSONS[lesson].screens[number - 1]
    answer = answers_to(screen.question, screen.question.truth(screen.traces()))[0]
    return fine(give(at_screen(lesson, number), screen.question, f"lesson_{lesson}_{number}", answer))


def fire_board(at, event):
    """An event of the board."""
    return fire(at, {"strip": False, **event}, PICTURE)


@pytest.mark.parametrize(
    ("query", "says", "goes"),
    [
        ({"lesson": "💥"}, "lesson = '💥' is unknown: choose one of", (FIRST, 1)),
        ({"lesson": ""}, "is unknown", (FIRST, 1)),
        ({"lesson": "vanishing", "screen": "99"}, "screen = 99 is out of range", ("vanishing", 1)),
        ({"lesson": "vanishing", "screen": "nan"}, "screen = nan is not a whole number", ("vanishing", 1)),
        ({"lesson": "vanishing", "screen": "1.5"}, "screen = 1.5 is not a whole number", ("vanishing", 1)),
        ({"screen": "0"}, "screen = 0 is out of range", (FIRST, 1)),
        ({"present": "yes"}, "present = 'yes' is not a whole number", (FIRST, 1)),
        ({"show": "relu"}, "show: a lesson says itself what is compared", (FIRST, 1)),
        ({"lesson": "x" * 20_000}, "is unknown", (FIRST, 1)),
        ({"seed": "7"}, "no such setting", (FIRST, 1)),
    ],
    ids=str,
)
def test_bad_url(query, says, goes):
    """A sentence, and the nearest place that there is."""
    at = opened("lessons")
    at.query_params.update(query)
    fine(at.run())
    (sentence,) = sentences(at)
    assert says in sentence
    assert len(sentence) < 300
    assert place(at) == goes


def test_leave_and_return():
    """Another page and back: place, answer and explanation are kept."""
    at = at_answered("sum", 2)
    fine(at.text_area[0].set_value("Near terms stay.").run())
    fine(at.switch_page(str(ROOT / "explorer/pages/flow.py")).run())
    at.query_params.clear()
    fine(at.switch_page(str(ROOT / "explorer/pages/lessons.py")).run())
    assert place(at) == ("sum", 2)
    assert at.text_area[0].value == "Near terms stay."
    assert "board" in components(at)


def test_back_to_a_bare_url():
    """The back button may empty the URL: that is the first screen of the first lesson."""
    at = at_screen("sum", 2)
    at.query_params.clear()
    fine(at.run())
    assert place(at) == (FIRST, 1)
    assert at.session_state["config"] == LESSONS[FIRST].screens[0].config
    assert (at.session_state["extras"]["lesson"], at.session_state["extras"]["screen"]) == (FIRST, 1)


def test_start_again():
    at = at_answered("sum", 2)
    fine(button(at, "Start again").click().run())
    assert place(at) == ("sum", 1)
    fine(button(at, "Next").click().run())
    assert components(at) == ["presenter", "sketch"]


def test_every_lesson_and_screen_can_be_chosen():
    at = fine(opened("lessons"))
    for lesson in LESSONS:
        fine(at.selectbox(key="lesson_which").set_value(lesson).run())
        assert place(at) == (lesson, 1)
    fine(at.button_group(key="lesson_screen").set_value(3).run())
    assert place(at) == (lesson, 3)


def test_presenter():
    """The clicker reveals, then goes on; back goes back; Escape leaves."""
    at = at_screen("sum", 1, present="1")
    assert json.loads(board_of(at, KEYS).json)["presenting"]
    assert not at.selectbox
    fine(fire(at, {"move": 1}, KEYS))
    assert place(at) == ("sum", 1)
    assert "board" in components(at)
    assert not at.text_area
    fine(fire(at, {"move": 1}, KEYS))
    assert place(at) == ("sum", 2)
    fine(fire(at, {"move": -1}, KEYS))
    fine(fire(at, {"move": -1}, KEYS))
    assert place(at) == ("sum", 1)
    fine(fire(at, {"move": "leave"}, KEYS))
    assert at.selectbox
    assert place(at) == ("sum", 1)


def test_charts_take_the_projector_s_type():
    """The browser says how large it is, within reason."""
    at = fine(tell(at_screen("sum", 1, present="1"), {"type": 28}, KEYS))
    assert json.loads(board_of(at, KEYS).json)["type"] == 28
    for size, kept in ((10**9, LARGEST), (-5, SMALLEST), ("x", 28), (True, 28), (28.5, 28), (None, 28)):
        other = fine(tell(at, {"type": size}, KEYS))
        assert json.loads(board_of(other, KEYS).json)["type"] == kept
        tell(at, {"type": 28}, KEYS)


def test_an_answer_sent_at_once_is_the_one_that_was_given_last():
    """Changed and sent before the page was drawn again: what is on the screen counts, not what Python knew."""
    at = at_screen("state", 1)
    question = LESSONS["state"].screens[0].question
    first, last = list(question.options)[:2]
    at.radio(key="lesson_state_1").set_value(first).run()
    at.radio(key="lesson_state_1").set_value(last)
    fine(button(at, SUBMIT).click().run())
    assert at.session_state["lesson_answers"] == {("state", 1): last}
    at, lowest = at_screen("sigmoid", 4), LESSONS["sigmoid"].screens[3].question.low
    at.select_slider(key="lesson_sigmoid_4").set_value(lowest)
    fine(button(at, SUBMIT).click().run())
    assert at.session_state["lesson_answers"] == {("sigmoid", 4): lowest}


HOSTILE = (None, 5, "x", [], {}, {"values": None}, {"values": "💥"}, {"values": [1, "2"]}, {"values": [1e999, 2]})
HOSTILE += ({"values": [0.0] * 10_000}, {"move": 1}, {"move": [1]}, {"move": {}}, {"move": 10**400}, {"values": {}})


@pytest.mark.parametrize("payload", HOSTILE, ids=lambda payload: repr(payload)[:30])
@pytest.mark.parametrize("component", [KEYS, PICTURE], ids=["presenter", "sketch"])
def test_hostile_events(component, payload):
    """No answer, a sentence at most; only the keys' own moves turn the screen."""
    at = fine(fire(at_screen("sum", 2), payload, component))
    moved = component == KEYS and payload == {"move": 1}
    assert place(at) == ("sum", 3 if moved else 2)
    assert ("sum", 2) not in at.session_state["lesson_answers"]
    assert all(len(sentence) < 300 for sentence in sentences(at))
    assert component == KEYS or len(at.error) == 1
