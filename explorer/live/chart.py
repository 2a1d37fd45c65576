"""A picture outside the board: `st.plotly_chart` with its title above and its sentence below."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from explorer.figures.theme import Picture, plotly_figure
from explorer.live.numbers import numbers
from explorer.markdown import plain

MODEBAR = {"displaylogo": False, "modeBarButtons": [["toImage"]], "toImageButtonOptions": {"format": "svg"}}
READ = 13  # px


def chart(picture: Picture, key: str, height: int | Literal["stretch"] = 340, type_size: int = READ) -> None:
    """Draw it in the theme of the page, its letters in pixels; "stretch" is as high as the room that it is in."""
    st.markdown(f"**{plain(picture.title)}**")
    figure = plotly_figure(picture, dark=st.context.theme.type == "dark")
    figure.update_layout(margin={"t": 30, "b": 35 + type_size}, font_size=type_size)
    if height != "stretch":  # else Plotly begins at 450 px, for one frame, and the box around it scrolls
        figure.update_layout(height=height)
    if type_size > READ:  # the margins are made for letters as they are read at a desk
        figure.update_xaxes(automargin=True, title_standoff=type_size / 2)
        figure.update_yaxes(automargin=True)
    st.plotly_chart(figure, key=key, height=height, theme=None, config=MODEBAR)
    st.caption(plain(picture.sentence))
    numbers(key, lambda: [picture])
