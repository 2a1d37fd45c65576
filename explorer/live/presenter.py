"""Keys that turn the screens of a lesson, and the presenter view: large type, no navigation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from explorer import controls
from explorer.figures.theme import Picture
from explorer.live.chart import chart
from explorer.live.component import mount_component

SMALLEST, LARGEST = 14, 40  # px: the type of a chart on a projector


def presenter(key: str, presenting: bool, on_move: Callable[[Any], None]) -> None:
    """Mount it. `on_move` gets ±1 (arrow keys; presenting: a clicker's PageUp and PageDown too) or "leave".

    Presenting, the browser also says how large the page's type is there: charts take their letters in pixels.
    """

    def on_event() -> None:
        move = controls.event_of(key).get("move")
        if move == "leave" or (type(move) is int and abs(move) == 1):
            on_move(move)

    def on_type_change() -> None:
        size = st.session_state[key].get("type")
        if type(size) is int:
            st.session_state["presenter_type"] = min(max(size, SMALLEST), LARGEST)

    mount_component(
        "presenter", key, {"presenting": presenting, "type": type_size()}, on_event, on_type_change=on_type_change
    )


def type_size() -> int:
    """Of a chart's letters on the projector, px."""
    return st.session_state.get("presenter_type", 18)


def large_chart(picture: Picture, key: str) -> None:
    """A chart as high as the screen leaves room for (presenter.css says how high), in the type of the projector."""
    with st.container(key=f"pv_{key}"):
        chart(picture, key, "stretch", type_size())
