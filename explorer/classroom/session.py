"""A session and its room: who it is there, what it may try, and the look at what has changed."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from explorer import controls
from explorer.lessons.questions import Question
from explorer.lessons.screens import Screen
from explorer.markdown import plain
from explorer.mishaps import reported
from explorer.rooms.rooms import Rooms, open_store
from explorer.rooms.store import Pulse, Room, RoomError
from explorer.texts import words

STORE = Path(__file__).parents[2] / "rooms.sqlite3"  # unless EXPLORER_STORE names another file, or a Redis server
SECONDS = 2.0  # between two looks at what has changed
KEYS = ("room", "student", "teacher")  # in the URL: the room's code, and a student's token or the teacher's secret


@st.cache_resource(show_spinner=False)
def rooms() -> Rooms:
    """All rooms of this app."""
    return Rooms(open_store(os.environ.get("EXPLORER_STORE", str(STORE))))


def identity() -> dict[str, str]:
    """Who the URL says we are; back from another page it is empty, and we are who we were."""
    query = {key: st.query_params[key] for key in KEYS if key in st.query_params}
    before = st.session_state.setdefault("room_identity", {})
    if query != before:
        become(**(query or before))
    return st.session_state["room_identity"]


def become(**query: str) -> None:
    """Be somebody, in the URL as well, so that a reload finds us again."""
    others = {key: value for key, value in st.query_params.items() if key not in (*KEYS, "lesson")}
    st.query_params.from_dict(others | query)
    st.session_state["room_identity"] = query
    st.session_state["room_place"] = None  # at one's own pace: wherever the answers end


def client() -> str:
    """What tells visitors apart: their address; the session, where the app sees no address but its own machine's."""
    return st.context.ip_address or st.session_state.setdefault("room_client", secrets.token_hex(8))


def link(room: str) -> str:
    """Where the students of a room go."""
    return f"{(st.context.url or '').partition('?')[0]}?room={room}"


def attempt(action: Callable[..., None], *args: Any) -> None:
    """For callbacks: what cannot be done is said at the top of the page."""
    try:
        action(*args)
    except RoomError as error:
        st.session_state["room_problem"] = str(error)


def say(problem: str) -> None:
    """A sentence on what is wrong."""
    st.warning(plain(problem), icon=":material/meeting_room:")


def open_screen(room: Room, screen: Screen, place: int) -> None:
    """Settings and sliders of a screen; what was dragged on another one is not carried along."""
    fields = [field for field in screen.sliders if field in controls.PAGE_SPECS]
    show = replace(controls.SHOW, default=screen.show)
    refuses = words("room.own")
    its_fields = controls.offered(*fields)
    controls.open_page(controls.Page("room", screen.config, its_fields, {"show": show}, lambda config: refuses))
    if st.session_state.get("room_screen") != (room.code, place):
        st.session_state["room_screen"] = room.code, place
        controls.use(screen.config)
        controls.write_url()


def usable(question: Question, kept: Iterable[dict[str, Any]]) -> list[Any]:
    """The answers; what another version of the lesson has let through is left out."""
    answers = []
    for entry in kept:
        with suppress(ValueError):
            answers.append(question.check(entry.get("answer")))
    return answers


def graded(screen: Screen, truth: Any, answer: Any) -> tuple[str, Any, str, float | str]:
    """A row of a table of answers: the question, the answer, whether it is right, how many decades off."""
    score = screen.question.score(answer, truth)
    gap = "" if score.decades is None else round(score.decades, 3)
    return screen.ask, answer, words("room.yes" if score.right else "room.no"), gap


def spaced(code: str) -> str:
    """A code as it is read aloud."""
    return f"{code[:3]} {code[3:]}"


@st.fragment(run_every=SECONDS)
@reported()
def watch(code: str, seen: Pulse | int | None, steered_only: bool, since: float) -> None:
    """Draw the page again when something has changed; as long as nothing has, two counters are all that is read."""
    if time.monotonic() - since < SECONDS / 2:
        return  # the page has just been drawn
    try:
        pulse = rooms().pulse(code)
    except RoomError as error:
        say(str(error))
        return
    now = pulse.steered if pulse and steered_only else pulse
    if now != seen:
        st.rerun()
