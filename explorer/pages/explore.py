"""Explore: four pictures of one network that follow the sliders while they are dragged."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer import controls
from explorer.crowd import by_itself
from explorer.elsewhere import elsewhere
from explorer.export.menu import View, share
from explorer.lessons.presets import PRESETS
from explorer.live.explore import MOST_BATCHES, STAGE
from explorer.live.mount import mount
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
VIEW = View(words("explore.title"), STAGE.pictures, "explore")


def page() -> None:
    """Controls in a row, then the board; the board is sent first, since pictures take a browser longest."""
    controls.open_page(PAGE)
    place = controls.header_place()
    st.session_state["explore_all"] = True
    board()
    controls.header(PRESETS, MORE, lambda: share(VIEW), place)
    elsewhere()
    train_this()
    with st.expander(words("parts.how")):
        st.markdown(text("explore"))


@st.fragment
@by_itself
def board() -> None:
    """What its sliders move runs alone, at a third of the page's work, unless the row above it has to change too."""
    alone = not st.session_state.pop("explore_all", False)
    if alone and (controls.lit_preset(PRESETS) != st.session_state["control_preset"] or st.session_state.get("share")):
        st.rerun()
    controls.write_url()
    mount("explore_board", STAGE)


page()
