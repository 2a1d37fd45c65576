"""What pages show where there is no server: the same pages, told that they run in a visitor's browser."""

from __future__ import annotations

import csv
import io

import pytest

from explorer.by_hand import typed_weights
from explorer.classroom.alone import my_answers
from explorer.lessons.catalogue import LESSONS
from explorer.lessons.questions import Choose
from explorer.texts import words
from tests.pages.conftest import fine, opened

LESSON, PLACE = next(
    (name, place)
    for name, lesson in LESSONS.items()
    for place, screen in enumerate(lesson.screens, start=1)
    if isinstance(screen.question, Choose)
)


def test_the_room_says_what_there_is_instead(monkeypatch):
    """No store is opened; answers of the lessons can be taken along as soon as there are any."""
    monkeypatch.setattr("explorer.browser.IN_BROWSER", True)
    at = opened("room")
    fine(at)
    assert "without a server" in at.markdown[0].value
    assert len(at.get("download_button")) == 0
    at.session_state["lesson_answers"] = {(LESSON, PLACE): None}
    assert len(at.run().get("download_button")) == 0
    at.session_state["lesson_answers"] = {(LESSON, PLACE): "x"}
    assert len(at.run().get("download_button")) == 1


def test_answers_as_a_file():
    """One row per answer, with the question and whether it is right."""
    question = LESSONS[LESSON].screens[PLACE - 1].question
    rows = {
        name: list(csv.reader(io.StringIO(my_answers({(LESSON, PLACE): name}, {}).decode("utf-8-sig"))))
        for name in question.options
    }
    assert all(
        head == words("room.alone_columns").split(",") and row[:2] == [LESSON, str(PLACE)]
        for head, row in rows.values()
    )
    assert sorted(row[4] for _, row in rows.values()) == ["no"] * (len(rows) - 1) + ["yes"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1, 2, 3", "write as many"),
        ("a, 1, 2\n1, 2, 3\n1, 2, 3", "not a number"),
        ("1e9, 2, 3\n1, 2, 3\n1, 2, 3", "outside"),
    ],
)
def test_weights_typed_as_lines(monkeypatch, typed, words):
    """What does not fit is said, and changes nothing; what fits is in the address."""
    monkeypatch.setattr(typed_weights, "IN_BROWSER", True)
    at = opened("by_hand", units="3")
    at.segmented_control(key="by_hand_part").set_value("Own weights").run()
    at.text_area[-1].set_value(typed).run()
    fine(at)
    assert words in at.error[0].value
    assert "weights" not in at.query_params
    at.text_area[-1].set_value("1, 2, 3\n4, 5, 6\n7, 8, 9").run()
    fine(at)
    assert "W_hh:1,2,3;4,5,6;7,8,9" in at.query_params["weights"]
