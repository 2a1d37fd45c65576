"""Codes, secrets and limits."""

import pytest

from explorer.rooms import rooms as rules
from explorer.rooms.rooms import ALPHABET, LENGTH, Rooms, open_store
from explorer.rooms.store import ANSWER, SCREENS, RoomError, StoreError


def test_codes_are_short_plain_and_all_different(rooms):
    codes = {rooms.open("vanishing", f"client {i}")[0].code for i in range(60)}
    assert len(codes) == 60
    assert set("".join(codes)) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01OILU")
    assert {len(code) for code in codes} == {LENGTH}


def test_only_the_secret_steers_and_it_is_kept_nowhere(rooms, store):
    room, secret = rooms.open("vanishing", "me")
    assert len(secret) >= 32
    assert secret not in repr(store.room(room.code))
    assert rooms.is_teacher(room, secret)
    for wrong in ("", "x", secret[:-1], room.lock, secret + " ", "é", "\ud800"):
        with pytest.raises(RoomError, match="teacher"):
            rooms.steer(room, wrong, 1)
        with pytest.raises(RoomError, match="teacher"):
            rooms.end(room, wrong)
    assert rooms.room(room.code).position == 0
    rooms.steer(room, secret, 1, own_pace=True)
    assert (rooms.room(room.code).position, rooms.room(room.code).own_pace) == (1, True)
    rooms.end(room, secret)
    assert rooms.room(room.code) is None


def test_a_lesson_with_answers(rooms):
    room, secret = rooms.open("vanishing", "teacher")
    one, two = rooms.join(room.code, "a"), rooms.join(f" {room.code[:3].lower()}-{room.code[3:]} ", "b")
    assert (rooms.number(room.code, one), rooms.number(room.code, two)) == (1, 2)
    assert rooms.number(room.code, "\ud800") == rooms.number(room.code, "") == 0
    rooms.answer(room.code, one, 0, {"curve": [1.5, -3]})
    rooms.answer(room.code, two, 0, "é\x00\ud800")
    assert rooms.answers(room.code, 0) == {1: {"curve": [1.5, -3]}, 2: "é\x00\ud800"}
    assert rooms.mine(room.code, two) == {0: "é\x00\ud800"}
    rooms.end(room, secret)
    with pytest.raises(RoomError, match="ended"):
        rooms.answer(room.code, one, 0, 1)


def test_answers_and_screens_have_limits(rooms):
    room, secret = rooms.open("vanishing", "teacher")
    student = rooms.join(room.code, "a")
    rooms.answer(room.code, student, 0, "x" * (ANSWER - 2))
    with pytest.raises(RoomError, match="too long"):
        rooms.answer(room.code, student, 0, "x" * (ANSWER - 1))
    with pytest.raises(ValueError, match="JSON"):
        rooms.answer(room.code, student, 0, float("nan"))
    for screen in (-1, SCREENS):
        with pytest.raises(RoomError, match="Screen"):
            rooms.answer(room.code, student, screen, 1)
        with pytest.raises(RoomError, match="Screen"):
            rooms.steer(room, secret, screen)
    assert rooms.answers(room.code, 0) == {1: "x" * (ANSWER - 2)}


def test_codes_cannot_be_guessed_in_bulk(rooms, monkeypatch):
    monkeypatch.setattr(rules, "WRONG_EACH", 5)
    monkeypatch.setattr(rules, "WRONG_ALL", 12)
    room, _ = rooms.open("vanishing", "teacher")
    for wrong in ("ZZZZZZ", "ZZZZZ2", "zzz zz3", "[zz](zzz4)", "ZZZ-ZZ5"):
        with pytest.raises(RoomError, match="no room"):
            rooms.join(wrong, "guesser")
    with pytest.raises(RoomError, match="Too many"):  # the right code is no longer told from a wrong one
        rooms.join(room.code, "guesser")
    student = rooms.join(room.code, "somebody else")
    for i in range(7):
        with pytest.raises(RoomError, match="no room"):
            rooms.join("ZZZZZZ", f"guesser {i}")
    with pytest.raises(RoomError, match="Too many"):
        rooms.join(room.code, "a third")
    rooms.answer(room.code, student, 0, 1)  # who is in stays in
    assert rooms.number(room.code, student) == 1


def test_what_is_no_code_is_no_guess(rooms, monkeypatch):
    monkeypatch.setattr(rules, "WRONG_EACH", 1)
    room, _ = rooms.open("vanishing", "teacher")
    for mistyped in ("", room.code[:-1], room.code + "A", "😀" * 1000):
        with pytest.raises(RoomError, match="6 letters and digits"):
            rooms.join(mistyped, "student")
    assert rooms.join(room.code, "student")


def test_no_visitor_opens_rooms_without_end(rooms, monkeypatch):
    monkeypatch.setattr(rules, "OPENED_EACH", 3)
    monkeypatch.setattr(rules, "ROOMS", 5)
    for _ in range(3):
        rooms.open("vanishing", "eager")
    with pytest.raises(RoomError, match="many rooms"):
        rooms.open("vanishing", "eager")
    for _ in range(2):
        rooms.open("vanishing", "another")
    with pytest.raises(RoomError, match="5 rooms"):
        rooms.open("vanishing", "a third")


def test_a_full_room_says_so(rooms, store, monkeypatch):
    room, _ = rooms.open("vanishing", "teacher")
    monkeypatch.setattr(type(store), "join", lambda *_: 0)
    with pytest.raises(RoomError, match="full"):
        rooms.join(room.code, "a")


def test_rooms_survive_a_restart(rooms, address):
    room, secret = rooms.open("vanishing", "teacher")
    student = rooms.join(room.code, "a")
    rooms.answer(room.code, student, 2, 7)
    again = Rooms(open_store(address))
    assert again.room(room.code) == rooms.room(room.code)
    assert again.is_teacher(again.room(room.code), secret)
    assert again.mine(room.code, student) == {2: 7}


def test_rooms_need_a_server(monkeypatch):
    monkeypatch.setattr(rules.sys, "platform", "emscripten")
    with pytest.raises(StoreError, match="server"):
        open_store("rooms.sqlite3")
