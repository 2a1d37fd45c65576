"""Gradient flow: the T×T picture of which loss reaches which step, and what every truncation leaves of it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer import controls
from explorer.config import Config, Number
from explorer.figures.flow_matrix import flow_matrix
from explorer.figures.received import received
from explorer.figures.row_and_column import row_and_column
from explorer.figures.total_by_lag import total_by_lag
from explorer.lessons import FLOW_PRESETS
from explorer.live.frames import Stage
from explorer.live.mount import mount
from explorer.texts import text

LONGEST = tuple(range(2, 501))
STEP = Number("Chosen step", "step", "The step whose row and column are shown.", 1, 500, True, LONGEST)
PAGE = controls.Page(
    "flow",
    Config(loss_at="every", hidden_size=32),
    {
        **controls.PAGE_SPECS,
        "sequence_length": replace(controls.PAGE_SPECS["sequence_length"], high=500, grid=LONGEST),
        "window": replace(controls.PAGE_SPECS["window"], high=500, grid=(1, *LONGEST)),
    },
    {"show": controls.SHOW, "step": controls.number_extra("step", 30, STEP)},
)
STAGE = Stage(
    (flow_matrix, row_and_column, total_by_lag, received),
    ("weight_scale", "sequence_length", "window", "step"),
    lambda config: config.sequence_length / 12,
)


def page() -> None:
    """Controls in a row, then the board."""
    controls.open_page(PAGE)
    task, presets, more = st.columns([2.2, 7, 1], vertical_alignment="bottom")
    with task:
        controls.control("task")
    with presets:
        lit = controls.presets_control(FLOW_PRESETS)
    with more, st.popover("More", width="stretch"):
        settings()
    if lit:
        st.caption(FLOW_PRESETS[lit].text)
    if controls.config().task == "text":
        controls.control("text")
    mount("flow_board", STAGE)
    with st.expander("How to read these pictures"):
        st.markdown(text("flow"))


def settings() -> None:
    """Everything that is not dragged."""
    controls.activations_control()
    left, right = st.columns(2)
    with left:
        for field in ("hidden_size", "init", "truncation"):
            controls.control(field)
    with right:
        for field in ("input_scale", "loss_at", "seed"):
            controls.control(field)
    st.button("New seed", on_click=controls.new_seed, width="stretch")
    st.button("Reset everything", on_click=controls.use, args=(PAGE.default,), width="stretch")


page()
