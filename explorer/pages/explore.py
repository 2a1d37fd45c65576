"""Explore: four pictures of one network that follow the sliders while they are dragged."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer import controls
from explorer.crowd import by_itself, line
from explorer.elsewhere import elsewhere
from explorer.export.menu import View, share
from explorer.lessons.presets import PRESETS
from explorer.live.explore import MOST_BATCHES, STAGE
from explorer.live.mount import drawer, live_board
from explorer.parts import folded
from explorer.texts import text, words
from explorer.training_page.train_this import train_this

MORE = (
    ("hidden_size", "init", "truncation", "loss_at", "batch_size"),
    ("input_scale", "bias", "forget_bias", "clip", "seed"),
)
PAGE = controls.Page(
    "explore",
    specs={
        **controls.offered("task", "text", "weight_scale", "sequence_length", "window", "clip_at", *MORE[0], *MORE[1]),
        "batch_size": replace(controls.PAGE_SPECS["batch_size"], high=MOST_BATCHES),
    },
    extras={"show": controls.SHOW},
)
BOARD = "explore_board"
AROUND = ("share", f"{BOARD}_numbers")  # what follows the settings, where it is open
VIEW = View(words("explore.title"), STAGE.pictures, "explore")


def page() -> None:
    """What follows the settings, and what does not."""
    st.session_state["explore_loads"] = controls.open_page(PAGE)
    st.session_state["explore_whole"] = True
    top()
    elsewhere()
    train_this()
    folded("explore", words("parts.how"), st.markdown, text("explore"))


@st.fragment
@by_itself
def top() -> None:
    """Controls in a row, then the board, which is sent first, since pictures take a browser longest.

    Presets and all other controls of the row run this part alone, at two thirds of the page's work, unless what stands
    above it has to change too.
    """
    if not st.session_state.pop("explore_whole", False) and controls.said_above():
        st.rerun()
    controls.header(PRESETS, MORE, lambda: share(VIEW), pictures)
    drawer(BOARD, STAGE)


def pictures() -> None:
    """The board; a browser that has just loaded the app draws it before it makes a page full of widgets."""
    st.session_state["explore_top"] = True
    board()
    if st.session_state.pop("explore_loads", False):
        line().let_draw()


@st.fragment
@by_itself
def board() -> None:
    """What its sliders move runs alone, at two fifths of the page's work, unless its row has to change."""
    alone = not st.session_state.pop("explore_top", False)
    lit = st.session_state["control_preset"] if alone else None
    if alone and (controls.lit_preset(PRESETS) != lit or any(st.session_state.get(key) for key in AROUND)):
        st.rerun()
    controls.write_url()
    live_board(BOARD, STAGE)


page()
