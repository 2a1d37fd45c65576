"""The button of other pages that takes their settings to Training. It loads nothing that trains."""

from __future__ import annotations

import streamlit as st

from explorer import controls
from explorer.config import variant
from explorer.engine.cells import CELLS
from explorer.texts import words


def train_this() -> None:
    """A button that takes the settings of a page, and what it compares, to Training."""
    st.button(words("training.train_this"), icon=":material/school:", on_click=carry_over, key="train_this")
    if st.session_state.pop("train_this_now", False):
        st.query_params.clear()
        st.switch_page("explorer/pages/training.py")


def carry_over() -> None:
    """Leave the settings of the open page for Training, which decides by the task where the loss is taken."""
    shown = [variant(controls.settings(), name) for name in controls.extra("show")]
    field = "cell" if any(CELLS[each.cell].gated for each in shown) else "activation"
    values = tuple(dict.fromkeys(getattr(each, field) for each in shown))
    controls.send_to("training", controls.settings(), ("cell", "activation", "loss_at"), vary=(field, values))
    st.session_state["train_this_now"] = True
