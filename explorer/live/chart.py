"""A picture outside the board: `st.plotly_chart` with its title above and its sentence below."""

from __future__ import annotations

import streamlit as st

from explorer.figures.theme import Picture, plotly_figure
from explorer.live.numbers import numbers
from explorer.markdown import plain

MODEBAR = {"displaylogo": False, "modeBarButtons": [["toImage"]], "toImageButtonOptions": {"format": "svg"}}


def chart(picture: Picture, key: str, height: int = 340, type_size: int = 13) -> None:
    """Draw it in the theme of the page, its letters in pixels."""
    st.markdown(f"**{plain(picture.title)}**")
    figure = plotly_figure(picture, dark=st.context.theme.type == "dark")
    figure.update_layout(height=height, margin={"t": 30, "b": 35 + type_size}, font_size=type_size)
    st.plotly_chart(figure, key=key, theme=None, config=MODEBAR)
    st.caption(plain(picture.sentence))
    numbers(key, lambda: [picture])
