"""Under pictures: their numbers as a table, for whoever opens the drawer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from explorer.figures.table import Table, tables
from explorer.figures.theme import Picture
from explorer.markdown import plain
from explorer.texts import words

TALLEST = 380  # pixels; a longer table scrolls


def numbers(key: str, pictures: Callable[[], Sequence[Picture]]) -> None:
    """The drawer. The pictures are called for only while it is open."""
    drawer = st.expander(words("numbers.label"), key=f"{key}_numbers", on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        made = pictures()
        left, right = st.columns(2)
        chosen = choice(left, words("numbers.picture"), [picture.title for picture in made], f"{key}_picture")
        parts = tables(made[chosen])
        if not parts:
            st.caption(words("numbers.none"))
            return
        titles = [part.title or words("numbers.nth", n=n) for n, part in enumerate(parts, start=1)]
        part = parts[choice(right, words("numbers.part"), titles, f"{key}_part_{chosen}_{len(parts)}")]
        with st.container(height=TALLEST if len(part.rows) > 9 else "content"):
            st.markdown(markdown(part))
        if part.note:
            st.caption(plain(part.note))


def choice(place: st.delta_generator.DeltaGenerator, label: str, titles: Sequence[str], key: str) -> int:
    """Which one of several; where there is but one, nobody is asked."""
    if len(titles) == 1:
        return 0
    return place.selectbox(label, range(len(titles)), format_func=lambda n: titles[n], key=key)


def markdown(table: Table) -> str:
    """The table as Markdown; numbers stand right, and whatever was typed stays text."""
    rule = ["---", *["---:"] * (len(table.head) - 1)]
    lines = [list(map(cell, table.head)), rule, *(list(map(cell, row)) for row in table.rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """A text that cannot end its cell."""
    return plain(text.replace("\n", " "))
