"""Explore: four pictures of one network that follow the sliders while they are dragged."""

from __future__ import annotations

import streamlit as st

from explorer import controls
from explorer.config import SPECS, Config
from explorer.figures.clipping import clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.theme import number
from explorer.figures.truncation import full_against_truncated
from explorer.lessons import PRESETS
from explorer.live.board import Slider, board
from explorer.live.frames import frame_bytes, positions, strip_along
from explorer.texts import text

PAGE = controls.Page("explore", extras={"show": controls.SHOW})
KEY = "explore_board"
SLIDERS = ("weight_scale", "sequence_length", "window", "clip_at")
PICTURES = (hidden_states, full_against_truncated, gradient_terms, clipping)


def sliders(config: Config) -> list[Slider]:
    """The board's sliders; one that has nothing to do says why."""
    notes = {}
    if config.truncation == "full":
        notes["window"] = "full gradient: nothing is cut"
    if config.clip == "none":
        notes["clip_at"] = "clipping is off"
    made = []
    for field in SLIDERS:
        spec, value = SPECS[field], getattr(config, field)
        values = positions(config, field)
        texts = tuple(str(v) if spec.whole else number(v, 2) for v in values)
        made.append(Slider(field, spec.label, spec.help, tuple(values), texts, value, notes.get(field, "")))
    return made


def on_event() -> None:
    """The user moved a slider of the board, or took hold of it and wants the strip along it."""
    event = controls.event_of(KEY)
    if event.get("field") in SLIDERS:
        controls.update(**{event["field"]: event.get("value")})
        serial = event.get("serial")
        st.session_state["answer"] = serial if isinstance(serial, int) else 0
        st.session_state["wants_strip"] = event["field"] if event.get("strip") else None


def page() -> None:
    """Controls in two rows, then the board."""
    controls.open_page(PAGE)
    task, presets, more = st.columns([2.2, 7, 1], vertical_alignment="bottom")
    with task:
        controls.control("task")
    with presets:
        lit = controls.presets_control(PRESETS)
    with more, st.popover("More", width="stretch"):
        settings()
    if lit:
        st.caption(PRESETS[lit].text)
    if controls.config().task == "text":
        controls.control("text")
    for field in SLIDERS:
        if field in controls.faults():
            st.error(controls.plain(controls.faults()[field]))

    config, show = controls.config(), controls.extra("show")
    what = (config, show, PICTURES, SLIDERS)
    wanted = st.session_state.pop("wants_strip", None)
    strip = strip_along(*what, wanted) if wanted else None
    board(KEY, sliders(config), frame_bytes(*what), strip, st.session_state.get("answer", 0), on_event)

    with st.expander("How to read these pictures"):
        st.markdown(text("explore"))


def settings() -> None:
    """Everything that is not dragged."""
    controls.activations_control()
    left, right = st.columns(2)
    with left:
        controls.control("hidden_size")
        controls.control("init")
        controls.control("truncation")
        controls.control("loss_at")
    with right:
        controls.control("input_scale")
        controls.control("clip")
        controls.control("seed")
        st.button("New seed", on_click=controls.new_seed, width="stretch")
    st.button("Reset everything", on_click=controls.use, args=(Config(),), width="stretch")


page()
