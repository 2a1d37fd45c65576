"""The project's components: a JavaScript and a CSS file of one name beside this file.

A long one has parts, `name.part.js`. A component of Streamlit is one module, so they are put one after the other.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.controls.state import while_open
from explorer.texts import table

HERE = Path(__file__).parent


@cache
def source(name: str) -> str:
    """The text of a file beside this one."""
    return (HERE / name).read_text(encoding="utf-8")


@cache
def script(name: str) -> str:
    """The whole module of the component `name`, with its words before it."""
    own = table()[name] if table().has_section(name) else {}
    parts = sorted(path.name for path in HERE.glob(f"{name}.*.js"))
    modules = "".join(source(file) for file in ("library.js", *parts, f"{name}.js"))
    said = json.dumps({**table()["library"], **own}, ensure_ascii=False)
    return f"const WORDS = {said};\n{modules}"


def session() -> str:
    """A name for this session. If a page is told another one, the server has been restarted, and forgotten the page."""
    return st.session_state.setdefault("session", secrets.token_hex(4))


def mount_component(
    name: str, key: str, data: Any, on_event: Callable[[], None], **on_change: Callable[[], None]
) -> None:
    """Mount the component `name`; what it sends arrives as the trigger "event".

    Of two events that arrive while the page is being drawn, the later one replaces the other: what is a state and not
    an event, a component says as a state `x`, with a callback `on_x_change`.

    It is registered at every mount, with the same text: older versions of Streamlit forget it with their runtime.
    """
    component = st.components.v2.component(
        f"explorer_{name}",
        js=script(name),
        css=source("library.css") + source(f"{name}.css"),
        isolate_styles=False,
    )
    callbacks = {name: while_open(callback) for name, callback in on_change.items()}
    component(key=key, data=data, on_event_change=while_open(on_event), **callbacks)
