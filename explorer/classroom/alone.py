"""Where the app runs in the visitor's browser nobody keeps a room: answers travel as a file instead."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from explorer import asking
from explorer.classroom.session import graded
from explorer.lessons.catalogue import LESSONS
from explorer.rooms.table import as_csv
from explorer.texts import text, words


def alone() -> None:
    """Why there is no room, and what there is instead."""
    st.markdown(text("alone"))
    given = {at: answer for at, answer in st.session_state.get("lesson_answers", {}).items() if answer is not None}
    if given:
        file = partial(my_answers, given, st.session_state.get("lesson_whys", {}))
        st.download_button(words("room.alone_csv"), file, "my-answers.csv", on_click="ignore", type="primary")
    else:
        st.caption(words("room.alone_none"))
    st.page_link("explorer/pages/lessons.py", label=words("room.alone_lessons"), icon=":material/quiz:")


def my_answers(given: Mapping[tuple[str, int], Any], whys: Mapping[tuple[str, int], str]) -> bytes:
    """What was answered in the lessons, and how near it comes; with the mark by which Excel knows UTF-8."""
    rows = []
    for (lesson, number), answer in given.items():
        _, truth = asking.runs_and_truth(lesson, number)
        screen = LESSONS[lesson].screens[number - 1]
        rows.append((lesson, number, *graded(screen, truth, answer), whys.get((lesson, number), "")))
    return as_csv(words("room.alone_columns").split(","), rows).encode("utf-8-sig")
