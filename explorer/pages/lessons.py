"""Lessons: predict first, then see. One screen at a time, by button, arrow key or a presenter's clicker."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import asking, controls
from explorer.controls import Extra, Page
from explorer.lessons.catalogue import LESSONS
from explorer.lessons.screens import Screen
from explorer.live.presenter import presenter
from explorer.specs import Number, short
from explorer.texts import words

Place = tuple[str, int]  # a lesson's name, and the number of one of its screens, from 1
START: Place = (next(iter(LESSONS)), 1)
ON_OFF = Number("Presenter view", "present", "1: large type, no navigation.", 0, 1, True)
KEYS = "lesson_keys"


def show() -> None:
    """Where we are, and the screen there."""
    at = place()
    controls.open_page(page_at(at))
    st.session_state["lesson_place"] = at
    presenting = bool(controls.extra("present"))
    presenter(KEYS, presenting, on_move)
    (presenter_bar if presenting else bar)(at)
    screen, key = screen_at(at), key_of(at)
    traces, truth = asking.runs_and_truth(*at)
    if at in answers():
        asking.after(screen, traces, truth, key, answers()[at], lambda: why(screen, at), presenting)
    else:
        asking.before(screen, traces, truth, key, lambda answer: take(at, answer), presenting=presenting)


# ---------------------------------------------------------------------------------------------- where we are


def key_of(at: Place) -> str:
    """What session keys of this place begin with."""
    return f"lesson_{at[0]}_{at[1]}"


def screen_at(at: Place) -> Screen:
    """The screen of a place."""
    return LESSONS[at[0]].screens[at[1] - 1]


def page_at(at: Place) -> Page:
    """The page starts from the settings of its screen; with the answer come the sliders of that screen."""
    screen = screen_at(at)
    extras = {
        "lesson": Extra(START[0], lesson_named),
        "screen": Extra(START[1], lambda text: screen_numbered(at[0], text), str),
        "present": controls.number_extra("present", 0, ON_OFF),
        "show": Extra(screen.show, not_for_links),
    }
    refuses = words("lessons.own")
    return Page("lessons", screen.config, controls.offered(*screen.sliders), extras, lambda config: refuses)


def lesson_named(text: str) -> str:
    """A lesson's name from the URL."""
    if text not in LESSONS:
        raise ValueError(f"lesson = {short(text)} is unknown: choose one of {', '.join(LESSONS)}")
    return text


def not_for_links(text: str) -> None:
    """What is compared belongs to the screen."""
    raise ValueError("a lesson says itself what is compared")


def screen_numbered(lesson: str, text: str) -> int:
    """The number of a screen from the URL."""
    return Number("Screen", "screen", "", 1, len(LESSONS[lesson].screens), True).parse("screen", text)


def place() -> Place:
    """What the URL says if somebody changed it (a link, the back button), else where this session is."""
    query, written = st.query_params, st.session_state.get("url", {})
    if all(query.get(name) == written.get(name) for name in ("lesson", "screen")):
        return st.session_state.get("lesson_place", START)
    lesson, number = START
    try:  # what cannot be read stays at its default here; `open_page` says so
        lesson = lesson_named(query.get("lesson", lesson))
        number = screen_numbered(lesson, query.get("screen", str(number)))
    except ValueError:
        pass
    return lesson, number


def go(lesson: str, number: int) -> None:
    """To another screen, with its settings."""
    screen = screen_at((lesson, number))
    st.session_state["lesson_place"] = lesson, number
    kept = {"present": controls.extra("present"), "show": screen.show}
    controls.use(screen.config, lesson=lesson, screen=number, **kept)


def turn(by: int) -> None:
    """One screen on or back; presenting, on first reveals."""
    lesson, number = at = st.session_state["lesson_place"]
    if by == 1 and controls.extra("present") and at not in answers():
        take(at, None)
    elif 1 <= number + by <= len(LESSONS[lesson].screens):
        go(lesson, number + by)


def on_move(move: Any) -> None:
    """A key was pressed."""
    if move == "leave":
        controls.set_extra("present", 0)
    else:
        turn(move)


# -------------------------------------------------------------------------------------------------- answers


def answers() -> dict[Place, Any]:
    """This session's answers by place; None where the truth was shown without one."""
    return st.session_state.setdefault("lesson_answers", {})


def take(at: Place, answer: Any) -> None:
    """An answer is in: the screen is unlocked."""
    st.session_state["lesson_answers"] = {**answers(), at: answer}


def again() -> None:
    """Forget the answers of this lesson, and go to its first screen."""
    lesson, _ = st.session_state["lesson_place"]
    for kept in ("lesson_answers", "lesson_whys"):
        st.session_state[kept] = {at: v for at, v in st.session_state.get(kept, {}).items() if at[0] != lesson}
    go(lesson, 1)


def why(screen: Screen, at: Place) -> None:
    """One sentence of explanation, kept in the session."""
    whys = st.session_state.get("lesson_whys", {})
    key = f"{key_of(at)}_why"

    def keep() -> None:
        st.session_state["lesson_whys"] = {**whys, at: st.session_state[key]}

    st.session_state[key] = whys.get(at, "")
    st.text_area(screen.why, key=key, on_change=keep, height=68, max_chars=500)


# ------------------------------------------------------------------------------------------------- the bars


def bar(at: Place) -> None:
    """Lesson, screens, and the buttons."""
    lesson, number = at
    screens = len(LESSONS[lesson].screens)
    shares = [3.2, 3.2, 0.9, 0.9, 1.3, 1.2, 1.3]
    which, screen, back, on, restart, present, room = st.columns(shares, vertical_alignment="bottom")
    st.session_state["lesson_which"], st.session_state["lesson_screen"] = lesson, number
    which.selectbox(
        words("lessons.lesson"),
        list(LESSONS),
        format_func=lambda name: LESSONS[name].title,
        key="lesson_which",
        on_change=lambda: go(st.session_state["lesson_which"], 1),
    )
    screen.segmented_control(
        LESSONS[lesson].about,
        range(1, screens + 1),
        format_func=lambda n: f"{n} ✓" if (lesson, n) in answers() else str(n),
        key="lesson_screen",
        on_change=lambda: go(lesson, st.session_state["lesson_screen"] or number),
    )
    back.button(words("lessons.back"), on_click=turn, args=(-1,), disabled=number == 1, width="stretch")
    on.button(words("lessons.next"), on_click=turn, args=(1,), disabled=number == screens, width="stretch")
    restart.button(words("lessons.again"), on_click=again, width="stretch")
    present.button(words("lessons.present"), on_click=controls.set_extra, args=("present", 1), width="stretch")
    if room.button(words("lessons.in_class"), help=words("lessons.in_class_help"), width="stretch"):
        st.switch_page("explorer/pages/room.py", query_params={"lesson": lesson})


def presenter_bar(at: Place) -> None:
    """One thin row."""
    lesson, number = at
    screens = len(LESSONS[lesson].screens)
    title, back, on, leave = st.columns([6, 1, 1, 1], vertical_alignment="center")
    title.markdown(words("lessons.place", lesson=LESSONS[lesson].title, number=number, all=screens))
    back.button(words("lessons.back"), on_click=turn, args=(-1,), disabled=number == 1, width="stretch")
    last = number == screens and at in answers()
    label = words("lessons.next" if at in answers() else "lessons.reveal")
    on.button(label, on_click=turn, args=(1,), disabled=last, width="stretch", key="lesson_on")
    leave.button(words("lessons.leave"), on_click=controls.set_extra, args=("present", 0), width="stretch")


show()
