"""A screen of a lesson on a page: the question with its widget, and what follows once the answer is in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from explorer import controls
from explorer.lessons.catalogue import LESSONS
from explorer.lessons.questions import Boundary, Choose, Drawn, Magnitude, Question, Sketch, Traces
from explorer.lessons.screens import Screen
from explorer.live.chart import chart
from explorer.live.frames import Stage
from explorer.live.mount import mount
from explorer.live.presenter import large_chart
from explorer.live.sketch import sketch
from explorer.markdown import plain
from explorer.texts import words

Take = Callable[[Any], None]  # called with an answer that has been checked
SUBMIT = words("asking.submit")
LABELS = {Sketch: words("asking.sketch"), Boundary: words("asking.boundary")}
FINENESS = 0.5  # decades between two positions of a slider


@st.cache_resource(max_entries=100, show_spinner=False)
def runs_and_truth(lesson: str, number: int) -> tuple[Traces, Any]:
    """The runs that a screen (1, 2, …) is about, and what is right."""
    screen = LESSONS[lesson].screens[number - 1]
    traces = screen.traces()
    return traces, screen.question.truth(traces)


def ask(question: Question, truth: Any, key: str, take: Take) -> None:
    """The widget of a question. What is wrong with an answer is said underneath."""
    WIDGETS[type(question)](question, truth, key, take)
    if problem := st.session_state.get(f"{key}_problem"):
        st.error(plain(problem))


def submit(question: Question, key: str, take: Take, read: Callable[[], Any]) -> None:
    """Check an answer, and take it or say why not.

    It is read now, not when the page was drawn: an answer may be changed and sent faster than a busy page is drawn.
    """
    try:
        checked = question.check(read())
    except ValueError as error:
        st.session_state[f"{key}_problem"] = str(error)
        return
    st.session_state[f"{key}_problem"] = None
    take(checked)


def choose(question: Choose, truth: str, key: str, take: Take) -> None:
    """Options under one another."""
    chosen = st.radio(
        words("asking.answer"),
        list(question.options),
        index=None,
        format_func=lambda name: question.options[name].text,
        key=key,
        label_visibility="collapsed",
    )
    st.button(
        SUBMIT,
        on_click=submit,
        args=(question, key, take, partial(st.session_state.get, key)),
        disabled=chosen is None,
        key=f"{key}_submit",
    )


def magnitude(question: Magnitude, truth: float, key: str, take: Take) -> None:
    """A slider of decades; it starts in the middle, which says nothing."""
    n = round((question.high - question.low) / FINENESS)
    positions = np.linspace(question.low, question.high, n + 1).tolist()
    st.select_slider(
        question.symbol, positions, positions[n // 2], format_func=question.written, key=key, width="stretch"
    )
    read = partial(st.session_state.get, key)
    st.button(SUBMIT, on_click=submit, args=(question, key, take, read), key=f"{key}_submit")


def draw(question: Drawn, truth: Any, key: str, take: Take) -> None:
    """The pad, on the axes of the picture."""

    def on_event() -> None:
        submit(question, key, take, lambda: controls.event_of(key).get("values"))

    sketch(key, truth, LABELS[type(question)], on_event)


WIDGETS: dict[type, Callable] = {Choose: choose, Magnitude: magnitude, Sketch: draw, Boundary: draw}


def pose(screen: Screen) -> None:
    """What there is, and what is asked about it."""
    st.markdown(screen.setting)
    st.markdown(f"#### {screen.ask}")


def reveal(screen: Screen, answer: Any, truth: Any, briefly: bool = False) -> None:
    """What was right, what there is to say to this answer (None: there was none), what to remember, and why."""
    question = screen.question
    if isinstance(question, Choose):
        st.markdown("\n".join(option_shown(question, name, answer, truth) for name in question.options))
    if answer is not None:
        score = question.score(answer, truth)
        say, icon = (st.success, ":material/check:") if score.right else (st.warning, ":material/compare_arrows:")
        say(score.sentence, icon=icon)
    st.markdown(f"**{screen.takeaway}**")
    if not briefly:
        st.markdown(screen.explain)


def option_shown(question: Choose, name: str, answer: str | None, truth: str) -> str:
    """A line of the list of options: the right one is marked, and the chosen one."""
    text = question.options[name].text
    mark = ":green[**✓**]" if name == truth else ":orange[**✗**]" if name == answer else "○"
    said = f"**{text}**" if name == truth else text
    return f"{mark} {words('asking.mine', text=said) if name == answer else said}  "


def before(
    screen: Screen,
    traces: Traces,
    truth: Any,
    key: str,
    take: Take,
    note: Callable[[], None] = lambda: None,
    presenting: bool = False,
) -> None:
    """The question, a `note` under it, and beside it the picture that it is about, or the pad to sketch it on."""
    pad = isinstance(screen.question, Drawn)
    left, right = st.columns([1, 1.5], gap="large")
    with left:
        pose(screen)
    with right if pad else left:
        ask(screen.question, truth, key, take)
        note()
    with left if pad else right:
        if pad:
            st.caption(words("asking.pad_beside"))
        else:
            (large_chart if presenting else chart)(screen.given(traces), f"{key}_given")


def after(
    screen: Screen, traces: Traces, truth: Any, key: str, answer: Any, why: Callable[[], None], presenting: bool = False
) -> None:
    """What was right, and a field that asks `why`; beside them the pictures. No answer is None."""
    left, right = st.columns([1, 1.5], gap="large")
    with left:
        pose(screen)
        reveal(screen, answer, truth, briefly=presenting)
        if not presenting:
            why()
    with right:
        pictures(screen, traces, truth, key, [] if answer is None else [answer], presenting)


def pictures(
    screen: Screen, traces: Traces, truth: Any, key: str, answers: list[Any], one_at_a_time: bool = False
) -> None:
    """The sketches over the truth or a picture that stands still, where there is one; and the live ones."""
    if isinstance(screen.question, Drawn):
        still = screen.question.pooled(answers, truth)
        if len(answers) < 2:  # what there is to say to one answer stands beside it
            still = replace(still, sentence="")
    else:
        still = screen.still and screen.still(traces)
    shown = still_one, live = words("asking.truth"), words("asking.live")
    if still and one_at_a_time:
        label = words("asking.picture")
        shown = (
            st.segmented_control(label, shown, default=still_one, key=f"{key}_part", label_visibility="collapsed"),
        )
    if still and still_one in shown:
        if one_at_a_time:
            large_chart(still, f"{key}_answer")
        else:
            chart(still, f"{key}_answer", 300)
    if not still or live in shown:
        mount(f"{key}_board", Stage(screen.pictures, screen.sliders))
