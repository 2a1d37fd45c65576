"""The parts of a page below its pictures: one is open at a time, and only that one is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.controls import level
from explorer.crowd import line
from explorer.texts import words


@dataclass(frozen=True)
class Part:
    """Its title, and what draws it; `advanced` is one that a first lecture does not need."""

    title: str
    show: Callable[..., None]
    advanced: bool = False


def go_deeper(page: str, parts: Sequence[Part], *seen: Any) -> None:
    """The parts of a page side by side, the first one open; `seen` is what they are told."""
    line().make_way()
    level.matters(part.advanced for part in parts)
    offered = {part.title: part.show for part in parts if not (part.advanced and level.beginner())}
    if len(offered) == 1:
        ((title, show),) = offered.items()
        folded(page, title, show, *seen)
        return
    chosen = st.segmented_control(words("parts.label"), list(offered), default=next(iter(offered)), key=f"{page}_part")
    if chosen:
        offered[chosen](*seen)


def folded(page: str, title: str, show: Callable[..., None], *seen: Any) -> None:
    """A part that is made when somebody unfolds it: formulas alone cost a first visit a quarter of a megabyte."""
    part = st.expander(title, key=f"{page}_folded", on_change="rerun")
    if part.open:
        with part:
            show(*seen)
