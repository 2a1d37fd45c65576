"""The door: join a room, or open one."""

from __future__ import annotations

import streamlit as st

from explorer import controls
from explorer.classroom.session import attempt, become, client, rooms
from explorer.lessons.catalogue import LESSONS
from explorer.rooms.rooms import tidy
from explorer.texts import text, words

PAGE = controls.Page("door", specs={})


def door(code: str) -> None:
    """Two forms; who comes by the link of a room wants to join."""
    controls.open_page(PAGE)
    left, right = st.columns(2, gap="large")
    with left, st.form("room_join"):
        st.subheader(words("room.join_a"))
        st.text_input(words("room.code"), code[:12], key="room_code", max_chars=12, placeholder=words("room.example"))
        st.form_submit_button(words("room.join"), on_click=attempt, args=(enter,), width="stretch")
    if not code:
        with right, st.form("room_open"):
            st.subheader(words("room.open"))
            names, asked = list(LESSONS), st.query_params.get("lesson")  # a lesson's page leads here
            first = names.index(asked) if asked in LESSONS else 0
            st.selectbox(words("room.lesson"), names, first, lambda name: LESSONS[name].title, key="room_lesson")
            st.form_submit_button(words("room.open"), on_click=attempt, args=(open_room,), width="stretch")
        st.markdown(text("room"))


def enter() -> None:
    """Become a student of the room whose code stands in the field."""
    code = st.session_state["room_code"]
    become(room=tidy(code), student=rooms().join(code, client()))


def open_room() -> None:
    """Become the teacher of a new room."""
    room, secret = rooms().open(st.session_state["room_lesson"], client())
    become(room=room.code, teacher=secret)
