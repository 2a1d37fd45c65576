"""Class room: one lesson for everybody in the room. The teacher steers, students answer, the answers pool."""

from __future__ import annotations

import streamlit as st

from explorer.browser import IN_BROWSER
from explorer.classroom.alone import alone
from explorer.classroom.desk import desk
from explorer.classroom.door import door
from explorer.classroom.lectern import lectern
from explorer.classroom.session import identity, rooms, say
from explorer.lessons.catalogue import LESSONS
from explorer.rooms.store import RoomError
from explorer.texts import words


def page() -> None:
    """The room of the URL, or the door."""
    if IN_BROWSER:
        return alone()
    try:
        room_or_door()
    except RoomError as error:
        say(str(error))


def room_or_door() -> None:
    """A teacher with the secret, a student with a token, or somebody else."""
    if "room_problem" in st.session_state:
        say(st.session_state.pop("room_problem"))
    me = identity()
    code, student, secret = me.get("room", ""), me.get("student", ""), me.get("teacher", "")
    if student or secret:
        pulse = rooms().pulse(code)  # before all else: what changes from here on is seen at the next look
        room = rooms().room(code)
        if room and room.lesson not in LESSONS:
            say(words("room.no_lesson", lesson=room.lesson))
        elif room and rooms().is_teacher(room, secret):
            return lectern(room, pulse, secret)
        elif room and rooms().number(code, student):
            return desk(room, pulse, student)
        else:
            say(words("room.ended"))
    door(code)


page()
