"""Explore: four pictures of one network that follow the sliders while they are dragged."""

from __future__ import annotations

import streamlit as st

from explorer import controls
from explorer.config import Config
from explorer.figures.clipping import clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.truncation import full_against_truncated
from explorer.lessons import PRESETS
from explorer.live.frames import Stage
from explorer.live.mount import mount
from explorer.texts import text

MORE = (
    ("hidden_size", "init", "truncation", "loss_at", "batch_size"),
    ("input_scale", "bias", "clip", "seed"),
)
PAGE = controls.Page(
    "explore",
    specs=controls.offered("task", "text", "weight_scale", "sequence_length", "window", "clip_at", *MORE[0], *MORE[1]),
    extras={"show": controls.SHOW},
)
STAGE = Stage(
    (hidden_states, full_against_truncated, gradient_terms, clipping),
    ("weight_scale", "sequence_length", "window", "clip_at"),
)


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
    mount("explore_board", STAGE)
    with st.expander("How to read these pictures"):
        st.markdown(text("explore"))


def settings() -> None:
    """Everything that is not dragged."""
    controls.activations_control()
    for column, fields in zip(st.columns(2), MORE, strict=True):
        with column:
            for field in fields:
                controls.control(field)
    st.button("New seed", on_click=controls.new_seed, width="stretch")
    st.button("Reset everything", on_click=controls.use, args=(Config(),), width="stretch")


page()
