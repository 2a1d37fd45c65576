"""How much the pages show: all of it, or what a first lecture needs. The session keeps it, and the URL.

What is left out for beginners says so itself, where it is defined: a Spec or a Part with `advanced=True`. Nothing that
a link sets is lost by that: it stays in force, and is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from explorer.config import SPECS
from explorer.controls.state import config, page, spec_of
from explorer.markdown import plain
from explorer.specs import Choice
from explorer.texts import words

SPEC = Choice(words("level.label"), "level", words("level.help"), ("expert", "beginner"))
SWITCH = "control_level"


def beginner() -> bool:
    """Whether this session sees what a first lecture needs, and no more."""
    return st.session_state.get("level") == "beginner"


def follow(query: Mapping[str, str]) -> list[str]:
    """Take over what a link says of it, if anything; what is wrong with that."""
    try:
        st.session_state["level"] = SPEC.parse("level", query.get("level", st.session_state.get("level", "expert")))
    except ValueError as error:
        return [words("url.default", name="level", problem=error)]
    return []


def query() -> dict[str, str]:
    """As a URL parameter; links without one show everything."""
    return {"level": "beginner"} if beginner() else {}


def begin() -> None:
    """Before a page: so far it leaves out nothing for beginners."""
    st.session_state["level_matters"] = False


def matters(advanced: Iterable[bool]) -> None:
    """A page says of what it could show whether a first lecture does not need it."""
    st.session_state["level_matters"] |= any(advanced)


def switch() -> None:
    """The switch, at the right end of the navigation, on pages that leave something out."""
    if not st.session_state["level_matters"]:
        return

    def choose() -> None:
        st.session_state["level"] = "beginner" if st.session_state[SWITCH] else "expert"

    st.session_state[SWITCH] = beginner()
    with st.container(key="level"):
        st.toggle(SPEC.label, key=SWITCH, on_change=choose, help=SPEC.help)


def say_what_is_hidden(fields: Iterable[str]) -> None:
    """Name those of these controls that beginners do not see, but that are not at the page's default."""
    fields = list(fields)
    matters(spec_of(name).advanced for name in fields)
    hidden = [name for name in fields if spec_of(name).advanced and value_of(name) != default_of(name)]
    if hidden and beginner():
        named = ", ".join(f"{spec_of(name).label} = {spec_of(name).written(value_of(name))}" for name in hidden)
        st.caption(plain(words("level.hidden", settings=named)))


def value_of(field: str) -> Any:
    """What is in force."""
    return getattr(config(), field) if field in SPECS else st.session_state["extras"][field]


def default_of(field: str) -> Any:
    """What the page begins with."""
    return getattr(page().default, field) if field in SPECS else page().extras[field].default
