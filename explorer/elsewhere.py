"""The network of a page on other pages: buttons that open them with its settings."""

from __future__ import annotations

import streamlit as st

from explorer import controls, links
from explorer.config import SPECS
from explorer.specs import plain
from explorer.texts import words

PAGES = ("explore", "flow", "regimes", "clipping", "gated")
# What the network is and reads. What is done with it (truncation, clipping, where a loss is taken) is each page’s own.
DRAWN = ("task", "weight_scale", "sequence_length", "hidden_size", "init", "input_scale", "bias", "seed")


def elsewhere() -> None:
    """Buttons in a row, one for each of the other pages."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words("elsewhere.label"), width="content")
        for name in PAGES:
            if name != controls.page().name and st.button(words(f"{name}.title"), key=f"elsewhere_{name}"):
                st.switch_page(f"explorer/pages/{name}.py", query_params=query())


def query() -> dict[str, str]:
    """The network as URL parameters, all of them: pages start from different settings."""
    settings = controls.settings()
    fields = (*DRAWN, *(("text",) if settings.task == "text" else ()))
    values = {SPECS[field].url: getattr(settings, field) for field in fields}
    written = {name: value if isinstance(value, str) else plain(value) for name, value in values.items()}
    return {**written, "v": str(links.VERSION)}
