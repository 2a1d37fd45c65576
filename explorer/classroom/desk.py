"""The desk of a student: the question; then, when it is time, what is true."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from explorer import asking
from explorer.classroom.session import attempt, open_screen, rooms, spaced, usable, watch
from explorer.lessons.catalogue import LESSONS
from explorer.rooms.store import Pulse, Room
from explorer.texts import words


def desk(room: Room, pulse: Pulse, student: str) -> None:
    """The screen where the class is, or the student. Its answer is {"answer": …}, later with a sentence "why"."""
    screens, mine = LESSONS[room.lesson].screens, rooms().mine(room.code, student)
    last = len(screens) - 1
    place = own_place(mine, last) if room.own_pace else min(room.position, last)
    screen, kept, key = screens[place], mine.get(place, {}), f"room_{room.code}_{place}"
    open_screen(room, screen, place)

    def put(**what: Any) -> None:
        rooms().answer(room.code, student, place, kept | what)

    def why() -> None:
        st.session_state[f"{key}_why"] = kept.get("why", "")
        keep = lambda: attempt(lambda: put(why=st.session_state[f"{key}_why"]))  # noqa: E731
        st.text_area(screen.why, key=f"{key}_why", on_change=keep, height=68, max_chars=500)

    def is_in() -> None:
        if kept:
            st.success(words("room.is_in"))

    with st.container(horizontal=True, vertical_alignment="center", key="desk"):
        me = {"code": spaced(room.code), "student": rooms().number(room.code, student)}
        st.caption(words("room.place", number=place + 1, all=last + 1, **me), width="content")
        if room.own_pace:
            with st.container(horizontal=True, width="content"):  # side by side on a phone as well
                st.button(words("room.back"), on_click=go, args=(place - 1,), disabled=place == 0)
                st.button(words("room.next"), on_click=go, args=(place + 1,), disabled=place == last or not kept)
    traces, truth = asking.runs_and_truth(room.lesson, place + 1)
    if bool(kept) if room.own_pace else room.shown:
        answer = next(iter(usable(screen.question, [kept])), None)
        asking.after(screen, traces, truth, key, answer, why if kept else lambda: None)
    else:
        asking.before(screen, traces, truth, key, lambda answer: attempt(lambda: put(answer=answer)), is_in)
    watch(room.code, pulse.steered, True, time.monotonic())


def own_place(mine: dict[int, Any], last: int) -> int:
    """Where a student at its own pace is: where it went, else at the first screen without an answer."""
    if st.session_state["room_place"] is None:
        st.session_state["room_place"] = next((i for i in range(last) if i not in mine), last)
    return min(st.session_state["room_place"], last)


def go(place: int) -> None:
    """At one's own pace: to this screen."""
    st.session_state["room_place"] = place
