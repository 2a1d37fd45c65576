"""Gated cells: RNN, LSTM and GRU on the same inputs, and the two ways by which their gradient goes back."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer import controls
from explorer.config import SPECS, Config
from explorer.elsewhere import elsewhere
from explorer.export.menu import View, share
from explorer.figures.flow_matrix import flow_matrix
from explorer.figures.gates import gates
from explorer.figures.hidden_states import hidden_states
from explorer.figures.memory_paths import memory_paths
from explorer.lessons.presets import GATED_PRESETS
from explorer.live.frames import Stage
from explorer.live.mount import mount
from explorer.parts import folded
from explorer.texts import text, words

MORE = (("hidden_size", "init", "batch_size"), ("input_scale", "bias", "seed"))
PAGE = controls.Page(
    "gated",
    Config(sequence_length=100, truncation="full"),
    {
        **controls.offered("task", "text", "weight_scale", "sequence_length", *MORE[0], *MORE[1]),
        "batch_size": replace(controls.PAGE_SPECS["batch_size"], high=4),  # the sweep takes T times the work of a run
        "forget_bias": SPECS["forget_bias"],  # beyond its slider, a link may set it far enough for f ≡ 1
    },
    {"show": replace(controls.SHOW, default=("tanh", "lstm", "gru"))},
)
STAGE = Stage(
    (hidden_states, gates, memory_paths, flow_matrix),
    ("forget_bias", "weight_scale", "sequence_length"),
    lambda config: 4.0 + config.sequence_length / 12,
)

VIEW = View(words("gated.title"), STAGE.pictures, "gated")


def page() -> None:
    """Controls in a row, the board, the text."""
    controls.open_page(PAGE)
    controls.header(GATED_PRESETS, MORE, lambda: share(VIEW))
    mount("gated_board", STAGE)
    elsewhere()
    folded("gated", words("parts.how"), st.markdown, text("gated"))


page()
