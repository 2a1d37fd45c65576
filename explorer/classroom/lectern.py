"""The lectern: what the teacher steers the class with, and what the projector shows."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import asking
from explorer.classroom.session import attempt, become, graded, link, open_screen, rooms, spaced, usable, watch
from explorer.lessons.catalogue import LESSONS
from explorer.lessons.questions import Drawn
from explorer.lessons.screens import Screen
from explorer.live.chart import chart
from explorer.live.presenter import large_chart, presenter, type_size
from explorer.qr import qr_svg
from explorer.rooms.store import Pulse, Room
from explorer.rooms.table import as_csv
from explorer.texts import words

KEYS = "room_keys"


def lectern(room: Room, pulse: Pulse, secret: str) -> None:
    """Steering on top; then the way in, the question with its answers, and the picture."""
    screens = LESSONS[room.lesson].screens
    place = min(room.position, len(screens) - 1)
    open_screen(room, screens[place], place)
    steering(room, secret, place, len(screens) - 1)
    shares = [0.8, 1.6, 2.2] if st.session_state["room_way_in"] else [1, 1.5]
    *entrance, left, right = st.columns(shares, gap="large")
    for column in entrance:
        with column:
            way_in(room)
    projected(room, screens[place], place, left, right)
    watch(room.code, pulse, False, time.monotonic())


def steering(room: Room, secret: str, place: int, last: int) -> None:
    """Back, next, reveal, own pace; what is on the projector; take the answers along; end. Keys and clickers work."""

    def steer(position: int = place, own_pace: bool = room.own_pace, shown: bool = False) -> None:
        attempt(rooms().steer, room, secret, position, own_pace, shown)

    def turn(by: int) -> None:
        if by == 1 and not room.shown:
            steer(shown=True)
        elif 0 <= place + by <= last:
            steer(place + by)

    def on_move(move: Any) -> None:
        if move == "leave":
            st.session_state["room_present"] = False
        else:
            turn(move)

    def pace_changed() -> None:
        steer(own_pace=st.session_state["room_own_pace"], shown=room.shown)

    def end() -> None:
        rooms().end(room, secret)
        become()

    presenter(KEYS, st.session_state.setdefault("room_present", False), on_move)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(words("room.back"), icon=":material/arrow_back:", on_click=turn, args=(-1,), disabled=place == 0)
        st.markdown(words("room.teacher_place", number=place + 1, all=last + 1), width="content")
        st.button(
            words("room.next"),
            icon=":material/arrow_forward:",
            on_click=steer,
            args=(place + 1,),
            disabled=place == last,
        )
        reveal = partial(steer, shown=not room.shown)
        st.button(words("room.hide") if room.shown else words("room.reveal"), on_click=reveal)
        st.toggle(words("room.show_answers"), True, key="room_answers")
        st.toggle(words("room.show_code"), True, key="room_way_in")
        st.toggle(words("room.large"), key="room_present")
        with st.popover(words("room.more")):
            st.session_state["room_own_pace"] = room.own_pace
            st.toggle(words("room.own_pace"), key="room_own_pace", on_change=pace_changed)
            st.download_button(
                words("room.csv"), partial(answers_csv, room), f"room-{room.code}.csv", "text/csv", on_click="ignore"
            )
            st.button(words("room.end"), on_click=attempt, args=(end,), help=words("room.end_help"))


def way_in(room: Room) -> None:
    """Code, QR code and link: late joiners need them too."""
    address = link(room.code)
    st.subheader(spaced(room.code))
    svg = qr_svg(address)
    if svg:
        st.image(svg, width="stretch")
    st.code(address, language=None, wrap_lines=True)


def projected(room: Room, screen: Screen, place: int, left: DeltaGenerator, right: DeltaGenerator) -> None:
    """The question and everybody's answers to it; beside them the picture, live once the truth is out."""
    traces, truth = asking.runs_and_truth(room.lesson, place + 1)
    answers = usable(screen.question, rooms().answers(room.code, place).values())
    pad, key, large = isinstance(screen.question, Drawn), f"room_{place}", st.session_state["room_present"]
    draw = large_chart if large else chart
    with left:
        if room.shown and large:  # room for what was answered
            st.markdown(f"#### {screen.ask}")
        else:
            asking.pose(screen)
        st.caption(progress(room))
        if room.shown:
            st.markdown(f"**{screen.takeaway}**")
    if st.session_state["room_answers"] and not (pad and room.shown):
        with right if pad else left:
            pooled = screen.question.pooled(answers, truth, room.shown)
            if pad:
                draw(pooled, f"{key}_pooled")
            elif large:  # it shares its column with the question
                chart(pooled, f"{key}_pooled", round(13.5 * type_size()), round(0.75 * type_size()))
            else:
                chart(pooled, f"{key}_pooled", 260)
    with right:
        if room.shown:
            asking.pictures(screen, traces, truth, key, answers if st.session_state["room_answers"] else [], large)
        elif not pad:
            draw(screen.given(traces), f"{key}_given")


def progress(room: Room) -> str:
    """How many have answered; at their own pace, screen by screen."""
    students, screens = rooms().students(room.code), range(len(LESSONS[room.lesson].screens))
    places = screens if room.own_pace else [room.position]
    counts = ", ".join(str(len(rooms().answers(room.code, place))) for place in places)
    return words("room.progress_each" if room.own_pace else "room.progress", answers=counts, students=students)


def answers_csv(room: Room) -> bytes:
    """All answers of the room, and how near they come; with the mark by which Excel knows UTF-8."""
    rows = []
    for place, screen in enumerate(LESSONS[room.lesson].screens):
        _, truth = asking.runs_and_truth(room.lesson, place + 1)
        for number, kept in rooms().answers(room.code, place).items():
            for answer in usable(screen.question, [kept]):
                rows.append((number, place + 1, *graded(screen, truth, answer), kept.get("why", "")))
    header = words("room.columns").split(",")
    return as_csv(header, rows).encode("utf-8-sig")
