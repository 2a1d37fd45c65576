"""Class rooms: codes, secrets and answers that anybody may send. Nobody gets in, nothing else is kept, others go on."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from explorer.lessons.catalogue import LESSONS
from explorer.rooms.rooms import LENGTH, Rooms, tidy
from explorer.rooms.sqlite import SqliteStore
from explorer.rooms.store import STUDENTS, Pulse, RoomError
from tests.hostile.conftest import times
from tests.hostile.strategies import json_values, mutated, texts
from tests.pages.conftest import fine, opened

QUESTIONS = {
    f"{name} {n}": screen.question for name, lesson in LESSONS.items() for n, screen in enumerate(lesson.screens)
}


@pytest.fixture
def rooms(tmp_path):
    """An empty store; hypothesis uses it for all of its examples."""
    return Rooms(SqliteStore(tmp_path / "rooms.sqlite3"))


def test_codes_and_secrets(rooms, tried):
    """Two thousand guesses, most of them near a code or a secret that there is: no one is let in, all are counted."""
    room, secret = rooms.open("first", "teacher")
    student = rooms.join(room.code, "student")
    near = st.sampled_from((room.code, room.lock, secret, student)).flatmap(lambda good: mutated(st.just(good)))

    @settings(max_examples=times(2_000, 300), suppress_health_check=list(HealthCheck))
    @given(st.one_of(near, near, texts))
    @example("A" * 10_000_000)
    def check(guess):
        tried["guesses at rooms"] += 1
        assert rooms.is_teacher(room, guess) == (guess == secret)
        assert (rooms.number(room.code, guess) > 0) == (guess == student)
        assert len(tidy(guess)) <= LENGTH + 1
        if tidy(guess) == room.code:
            return
        assert rooms.room(guess) is None
        with pytest.raises(RoomError) as said:
            rooms.join(guess, f"guesser {tried['guesses at rooms'] // 90}")
        assert len(str(said.value)) < 200
        with pytest.raises(RoomError):
            rooms.answer(guess, student, 0, 1)

    check()
    assert rooms.students(room.code) == 1 <= STUDENTS
    assert rooms.pulse(room.code) == Pulse(0, 1)


@pytest.mark.parametrize(
    "asked", list(QUESTIONS.values())[:: len(QUESTIONS) // 8], ids=list(QUESTIONS)[:: len(QUESTIONS) // 8]
)
def test_answers(asked, rooms, tried):
    """What a question lets through comes back as it was kept, and can be drawn; everything else gets a sentence."""
    room, _ = rooms.open("first", "teacher")
    student = rooms.join(room.code, "student")
    points = st.lists(st.one_of(st.floats(), st.integers()), max_size=300)

    @settings(max_examples=times(2_000, 240) // 8, suppress_health_check=list(HealthCheck))
    @given(st.one_of(json_values, points, texts, st.sampled_from(list(getattr(asked, "options", [0.0])))))
    def check(sent):
        tried["answers to questions"] += 1
        try:
            answer = asked.check(sent)
        except ValueError as refusal:
            assert len(str(refusal)) < 400  # noqa: PT017
            return
        rooms.answer(room.code, student, 0, {"answer": answer})
        assert asked.check(rooms.mine(room.code, student)[0]["answer"]) == answer

    check()


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """The page of class rooms, in one session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_STORE", str(tmp_path_factory.mktemp("rooms") / "rooms.sqlite3"))
        yield opened("room")


def test_links_to_rooms(at, tried):
    """Whatever a link says of a room, there is the door and perhaps a sentence."""
    keys = st.sampled_from(("room", "student", "teacher", "lesson"))

    @settings(max_examples=times(200, 12), suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(keys, texts, min_size=1))
    def check(query):
        tried["links to rooms"] += 1
        at.query_params.clear()
        at.query_params.update(query)
        fine(at.run())
        assert [button.label for button in at.button if button.label == "Join"]
        assert all(len(said.value) < 300 for said in at.warning)

    check()
