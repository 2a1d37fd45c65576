"""Class rooms without a browser: several sessions, one store."""

import csv
import io

import pytest
import streamlit as st

from explorer.classroom import session as classroom
from explorer.classroom.lectern import answers_csv
from explorer.classroom.session import rooms
from explorer.lessons.catalogue import LESSONS
from explorer.lessons.questions import Choose, Magnitude
from explorer.rooms.rooms import tidy
from explorer.rooms.store import Pulse, RoomError, StoreError
from tests.pages.conftest import fine, opened

# For every kind of question, a screen of an early lesson that asks one: (lesson, place).
KINDS = {
    type(screen.question): (name, place)
    for name, lesson in reversed(LESSONS.items())
    for place, screen in enumerate(lesson.screens)
}
CHOICE = next(name for name, lesson in LESSONS.items() if isinstance(lesson.screens[0].question, Choose))


def an_answer(question):
    """Something that can be answered."""
    if isinstance(question, Choose):
        return next(iter(question.options))
    return question.low if isinstance(question, Magnitude) else [0.0, -1.0]


@pytest.fixture(autouse=True)
def empty_store(monkeypatch, tmp_path):
    """Rooms of this test alone."""
    monkeypatch.setenv("EXPLORER_STORE", str(tmp_path / "rooms.sqlite3"))
    monkeypatch.setattr(type(st.context), "ip_address", None)  # AppTest has no visitor with an address
    monkeypatch.setattr(type(st.context), "url", "http://school.example/room")
    rooms.clear()
    yield
    rooms.clear()


def visitor(**query: str):
    """A new session on the room page."""
    return fine(opened("room", **query))


def query(at) -> dict[str, str]:
    """The session's URL parameters."""
    return {name: values[0] if isinstance(values, list) else values for name, values in at.query_params.items()}


def press(at, label: str):
    """Press the button with this label."""
    (button,) = [b for b in at.button if b.label == label]
    return fine(button.click().run())


def labels(at) -> list[str]:
    """What can be pressed."""
    return [b.label for b in at.button]


def in_room(lesson: str = CHOICE):
    """A teacher's session with an open room, and the room's code."""
    at = visitor()
    at.selectbox(key="room_lesson").set_value(lesson)
    at = press(at, "Open a room")
    return at, query(at)["room"]


def joined(code: str):
    """A student's session."""
    return press(visitor(room=code), "Join")


def said(at) -> str:
    """Everything that is written on the page."""
    return "\n".join(e.value for e in [*at.markdown, *at.caption, *at.warning, *at.success, *at.info])


def test_opening_puts_code_link_and_secret_in_place():
    at, code = in_room()
    assert len(query(at)["teacher"]) >= 32
    assert at.subheader[0].value == f"{code[:3]} {code[3:]}"
    assert at.code[0].value == f"http://school.example/room?room={code}"
    assert "0 have answered" in said(at)


def test_a_link_leads_to_the_door_and_joining_to_a_desk():
    at, code = in_room()
    student = visitor(room=code)
    assert labels(student) == ["Join"]
    student = press(student, "Join")
    assert query(student)["room"] == code
    assert "student 1" in said(student)
    assert "student 2" in said(joined(code))
    assert "2 have answered" in said(fine(at.run()))


def test_a_reload_finds_the_same_student_at_the_same_place():
    at, code = in_room()
    student = joined(code)
    press(at, "Next")
    again = visitor(**query(student))
    assert "student 1" in said(again)
    assert "screen 2 of" in said(again)
    assert rooms().students(code) == 1


def test_another_page_and_back():
    _, code = in_room()
    student = joined(code)
    me = query(student)
    student.switch_page("explorer/pages/explore.py")
    student.query_params.clear()
    fine(student.run())
    student.switch_page("explorer/pages/room.py")
    student.query_params.clear()
    fine(student.run())
    assert query(student) == me
    assert "student 1" in said(student)


@pytest.mark.parametrize("secret", ["", "x", "x" * 32, "é", "\x00"])
def test_without_the_secret_nobody_steers(secret):
    _, code = in_room()
    at = visitor(room=code, teacher=secret)
    assert "Next" not in labels(at)
    assert rooms().room(code).position == 0


def test_steering():
    at, code = in_room()
    press(at, "Next")
    press(at, "Reveal")
    assert (rooms().room(code).position, rooms().room(code).shown) == (1, True)
    press(at, "Back")
    assert (rooms().room(code).position, rooms().room(code).shown) == (0, False)
    at.toggle(key="room_own_pace").set_value(True)
    fine(at.run())
    assert rooms().room(code).own_pace
    assert "screen by screen" in said(at)


def test_a_lesson_leads_to_a_room_of_its_own():
    lesson = list(LESSONS)[-1]
    at = opened("lessons", lesson=lesson)
    (button,) = [b for b in at.button if b.label == "In class"]
    at = fine(button.click().run())
    at = press(at, "Open a room")
    assert rooms().room(query(at)["room"]).lesson == lesson
    assert visitor(lesson="no such").selectbox(key="room_lesson").value == next(iter(LESSONS))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_question_before_and_after_its_answer(kind):
    lesson, place = KINDS[kind]
    screen = LESSONS[lesson].screens[place]
    at, code = in_room(lesson)
    room, secret = rooms().room(code), query(at)["teacher"]
    silent, student = joined(code), joined(code)
    rooms().steer(room, secret, place)
    rooms().answer(code, query(student)["student"], place, {"answer": an_answer(screen.question)})
    assert "Your answer is in" in said(fine(student.run()))
    assert "Your answer is in" not in said(fine(silent.run()))
    assert "1 of 2 have answered" in said(fine(at.run()))
    rooms().steer(room, secret, place, shown=True)
    for session in (at, student, silent):
        assert screen.takeaway in said(fine(session.run()))
    assert screen.why in [area.label for area in student.text_area]
    assert not silent.text_area


def test_answering_and_answering_again():
    at, code = in_room()
    student, options = joined(code), list(LESSONS[CHOICE].screens[0].question.options)
    for option in options[:2]:
        student.radio[0].set_value(option)
        student = press(fine(student.run()), "This is my answer")
        assert rooms().answers(code, 0) == {1: {"answer": option}}
    press(at, "Reveal")
    fine(student.run()).text_area[0].set_value("=because").run()
    assert rooms().answers(code, 0) == {1: {"answer": options[1], "why": "=because"}}
    header, row = csv.reader(io.StringIO(answers_csv(rooms().room(code)).decode("utf-8-sig")))
    assert dict(zip(header, row, strict=True)) | {"question": "", "right": ""} == {
        "student": "1", "screen": "1", "question": "", "answer": options[1], "right": "", "decades off": "",
        "why": "'=because",
    }  # fmt: skip


def test_at_their_own_pace():
    at, code = in_room()
    rooms().steer(rooms().room(code), query(at)["teacher"], 0, own_pace=True)
    student, (first, second, *_) = joined(code), LESSONS[CHOICE].screens
    rooms().answer(code, query(student)["student"], 0, {"answer": an_answer(first.question)})
    assert first.takeaway in said(fine(student.run()))
    assert second.ask in said(press(student, "Next"))
    assert first.ask in said(press(student, "Back"))
    assert second.ask in said(visitor(**query(student)))
    assert "Next" not in [b.label for b in visitor(**query(student)).button if not b.disabled]


def test_answers_of_another_version_are_left_out():
    at, code = in_room()
    student = joined(code)
    rooms().answer(code, query(student)["student"], 0, {"answer": "no such option"})
    press(at, "Reveal")
    fine(student.run())
    assert answers_csv(rooms().room(code)).count(b"\r\n") == 1


def test_as_long_as_nothing_has_changed_two_counters_are_all_that_is_read(monkeypatch):
    _, code = in_room()
    reruns = []
    monkeypatch.setattr(st, "rerun", lambda: reruns.append(1))

    def unread(*_):
        raise AssertionError("read without need")

    for name in ("room", "answers", "mine", "number", "students"):
        monkeypatch.setattr(type(rooms().store), name, unread)
    look = classroom.watch.__wrapped__
    look(code, Pulse(0, 0), False, 0.0)
    look(code, 0, True, 0.0)
    assert reruns == []
    rooms().store.join(code, "a")
    look(code, 0, True, 0.0)  # students are not drawn again for every answer
    assert reruns == []
    look(code, Pulse(0, 0), False, 0.0)
    assert reruns == [1]
    rooms().store.end(code)
    look(code, 0, True, 0.0)
    assert reruns == [1, 1]


def test_the_end():
    at, code = in_room()
    student = joined(code)
    press(at, "End the room")
    assert "Open a room" in labels(at)
    assert "has ended" in said(fine(student.run()))
    assert rooms().room(code) is None


@pytest.mark.parametrize("code", ["", "ZZZZZZ", "😀", "[x](http://x)", "' OR 1=1", "\x00"])
def test_wrong_codes_get_a_sentence(code):
    at = visitor()
    at.text_input(key="room_code").set_value(code)
    at = press(at, "Join")
    assert ("no room with this code" if len(tidy(code)) == 6 else "6 letters and digits") in at.warning[0].value


@pytest.mark.parametrize("link", [{"student": "x"}, {"room": "ZZZZZZ", "student": "\x00é"}, {"teacher": "x" * 9_999}])
def test_bad_links_get_a_sentence(link):
    assert "has ended" in visitor(**link).warning[0].value


def test_markup_in_a_link_stays_text():
    at = visitor(room="<b>[x](http://x)</b>", student="$x$")
    assert "http" not in said(at).replace("http://x)</b>", "")


def test_where_the_store_does_not_work_the_page_says_so_and_others_go_on(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_STORE", str(tmp_path / "no" / "such" / "folder"))
    at = press(visitor(), "Open a room")
    assert "unable to open" in at.warning[0].value
    fine(opened("explore"))


def test_a_store_that_fails_in_mid_lesson(monkeypatch):
    at, code = in_room()
    student = joined(code)

    def broken(*_, **__):
        raise StoreError("The disk is full.")

    for name in ("answers", "steer", "students"):
        monkeypatch.setattr(type(rooms().store), name, broken)
    press(at, "Next")
    assert "disk is full" in said(at)
    fine(student.run())


def test_a_lesson_that_is_no_more():
    room, secret = rooms().open("no such lesson", "me")
    assert "no such lesson" in said(visitor(room=room.code, teacher=secret)).replace("\\", "")


def test_attempt_shows_only_what_a_user_can_mend():
    def wrong():
        raise KeyError("a mistake of ours")

    with pytest.raises(KeyError):
        classroom.attempt(wrong)
    assert issubclass(StoreError, RoomError)
