"""The network of a page on other pages: a row of their names, each of which opens that page with its settings."""

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
    """The row: one element, where a button each would be five, which every visitor's page would pay for."""
    here = controls.page().name
    others = [name for name in PAGES if name != here]
    chosen = st.pills(words("elsewhere.label"), others, format_func=title, key=f"elsewhere_{here}")
    if chosen:
        st.switch_page(f"explorer/pages/{chosen}.py", query_params=query())


def title(page: str) -> str:
    """What a page is called."""
    return words(f"{page}.title")


def query() -> dict[str, str]:
    """The network as URL parameters, all of them: pages start from different settings."""
    settings = controls.settings()
    fields = (*DRAWN, *(("text",) if settings.task == "text" else ()))
    values = {SPECS[field].url: getattr(settings, field) for field in fields}
    written = {name: value if isinstance(value, str) else plain(value) for name, value in values.items()}
    return {**written, "v": str(links.VERSION)}
