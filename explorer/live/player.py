"""A figure of which some traces move, update by update, as a component: step, back, play, and clicks on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from explorer.figures.theme import Film, resolve
from explorer.live.board import plotly_js
from explorer.live.component import mount_component
from explorer.live.numbers import numbers
from explorer.markdown import plain


def player(key: str, film: Film, on_event: Callable[[], None]) -> None:
    """Show a film with its title and sentence. An event is {"x", "y"}: a click on a trace whose meta is "pick"."""
    st.markdown(f"**{plain(film.title)}**")
    data = {
        "figure": as_json(resolve(film.figure, st.context.theme.type == "dark")),
        "label": f"{film.title}. {film.sentence}",
        "moving": list(film.moving),
        "frames": as_json(list(film.frames)),
        "words": list(film.words),
        "plotly": plotly_js(),
    }
    mount_component("player", key, data, on_event)
    st.caption(plain(film.sentence))
    numbers(key, lambda: [film])


def as_json(node: Any) -> Any:
    """The figure with its arrays as lists; what is no number is null."""
    if isinstance(node, dict):
        return {key: as_json(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [as_json(item) for item in node]
    if isinstance(node, np.ndarray):
        return np.where(np.isfinite(node), six_digits(node), None).tolist()
    return node


def six_digits(values: np.ndarray) -> np.ndarray:
    """Rounded to six significant digits: more than a screen shows, and half of what would travel."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scale = 10.0 ** (5.0 - np.floor(np.log10(np.abs(values))))
        rounded = np.rint(values * scale) / scale
    return np.where(np.isfinite(rounded), rounded, 0.0)
