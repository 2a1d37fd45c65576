"""The settings of a session: the one Config that is true, the page's extras, what could not be used, what is locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from explorer import links
from explorer.config import DEFAULT, SPECS, Config, ConfigError
from explorer.controls.pages import Page
from explorer.own import keeping
from explorer.specs import Spec, Text
from explorer.texts import words


def page() -> Page:
    """The page that is open."""
    return st.session_state["page"]


def open_now() -> str:
    """The name of the page that is open, "" before the first."""
    return page().name if "page" in st.session_state else ""


def spec_of(field: str) -> Spec:
    """What this page knows about a Config field, or about an extra."""
    return page().specs[field] if field in SPECS else page().extras[field].spec


def settings() -> Config:
    """What the controls of the open page ask for."""
    return st.session_state["config"]


def config() -> Config:
    """What the open page runs: its settings, with the session's own network and sequence if it can show them."""
    asked, used = settings(), with_own()
    return asked if used is asked or page().refuses(used) else used


def with_own() -> Config:
    """The settings with the session's own network and sequence."""
    held = keeping.held()
    return replace(settings(), **held) if held else settings()


def while_open(callback: Callable[..., None]) -> Callable[..., None]:
    """What something on the open page calls. When that page has been left by then, it has nothing to say."""
    opened = open_now()

    def call(*args: Any) -> None:
        if open_now() == opened:
            callback(*args)

    return call


def extra(name: str) -> Any:
    """The value of one of the page's extras; of what is compared, what the network that is run can be."""
    value = st.session_state["extras"][name]
    return keeping.comparable(value, config()) if name == "show" else value


def set_extra(name: str, value: Any) -> None:
    """Change one of the page's extras, unless it is locked."""
    if name in locked():
        return
    st.session_state["extras"] = {**st.session_state["extras"], name: value}


def update_extra(name: str, value: Any) -> None:
    """Change an extra that has a slider, if the value can be used."""
    faults = {field: fault for field, fault in st.session_state["faults"].items() if field != name}
    try:
        set_extra(name, page().extras[name].spec.check(name, value))
    except ConfigError as error:
        faults[name] = str(error), None
    st.session_state["faults"] = faults


def update(**changes: Any) -> None:
    """Change settings. What cannot be used is kept for a message beside the control; the others stay as they were.

    What is locked does not move, whatever a browser sends.
    """
    faults = dict(st.session_state["faults"])
    changes = {name: value for name, value in changes.items() if name not in locked()}
    try:
        checked = {name: page().specs[name].check(name, value) for name, value in changes.items()}
        st.session_state["config"] = replace(settings(), **checked)
        faults = {n: f for n, f in faults.items() if isinstance(SPECS.get(n), Text) and n not in changes}
    except ConfigError as error:
        faults[error.field] = str(error), changes.get(error.field)
    st.session_state["faults"] = faults


def faults() -> dict[str, str]:
    """What could not be used, by field."""
    return {name: sentence for name, (sentence, _) in st.session_state["faults"].items()}


def take(chosen: Config, **extras: Any) -> None:
    """Take over a whole Config (a link, a page's settings); extras that are not named go back to their defaults."""
    st.session_state["config"] = chosen
    st.session_state["extras"] = {name: e.default for name, e in page().extras.items()} | extras
    st.session_state["faults"] = {}


def use(chosen: Config, **extras: Any) -> None:
    """The same by a click (a preset, Reset): what a link has locked stays as it is."""
    kept = {name: getattr(settings(), name) for name in locked() if name in SPECS}
    kept_extras = {name: extra for name, extra in st.session_state["extras"].items() if name in locked()}
    take(replace(chosen, **kept), **extras | kept_extras)


def send_to(name: str, settings: Config, keep: tuple[str, ...], **extras: Any) -> None:
    """Leave settings for a page that is not open, which has them when it opens; its own stay in the fields `keep`."""
    before, its_extras, _ = st.session_state["shelf"].get(name, (DEFAULT, {}, {}))
    settings = replace(settings, **{field: getattr(before, field) for field in keep})
    st.session_state["shelf"][name] = settings, {**its_extras, **extras}, {}


def locks() -> links.Locks:
    """What the link that opened this page locks and hides."""
    return st.session_state.get("locks", {}).get(page().name, links.Locks())


def set_locks(chosen: links.Locks) -> None:
    """Lock and hide these controls of the open page, and no others."""
    st.session_state["locks"] = st.session_state.get("locks", {}) | {page().name: chosen}


def locked() -> tuple[str, ...]:
    """Names of the controls that cannot be moved."""
    now = locks()
    return (*now.lock, *now.hide)


def frozen() -> dict[str, str]:
    """Controls that cannot be used now, and why."""
    reasons = dict.fromkeys(locked(), words("controls.locked"))
    return reasons | (keeping.fixed() if config() is not settings() else {})
