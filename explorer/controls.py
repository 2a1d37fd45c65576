"""Settings of a session: Config ↔ widgets ↔ URL, and the one place that shows what is wrong with them.

The session holds one Config, the truth. Widgets are set from it before they are drawn and write to it when they are
used; the URL is written from it and read into it when somebody else changed it (a link, the back button).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from explorer.config import DEFAULT, SPECS, Choice, Config, ConfigError, Number, Text, from_query, to_query
from explorer.engine.activations import ACTIVATIONS

SHOW = "show"  # the URL name of the activations that are compared
DEFAULT_SHOW = ("tanh", "sigmoid")


def config() -> Config:
    """The settings of this session."""
    return st.session_state.get("config", DEFAULT)


def shown() -> tuple[str, ...]:
    """The activations that pages compare, in the order of their registry."""
    return st.session_state.get(SHOW, DEFAULT_SHOW)


def update(**changes: Any) -> None:
    """Change settings. What cannot be used is kept for a message beside the control; the others stay as they were."""
    faults = dict(st.session_state.get("faults", {}))
    try:
        st.session_state["config"] = replace(config(), **changes)
        faults = {
            name: fault for name, fault in faults.items() if isinstance(SPECS[name], Text) and name not in changes
        }
    except ConfigError as error:
        faults[error.field] = str(error)
    st.session_state["faults"] = faults


def faults() -> dict[str, str]:
    """What could not be used, by field."""
    return st.session_state.get("faults", {})


def use(settings: Config, show: tuple[str, ...] = DEFAULT_SHOW) -> None:
    """Take over a whole Config (a preset, a link)."""
    st.session_state["config"], st.session_state[SHOW] = settings, show
    st.session_state["faults"] = {}


def open_page(page: str) -> None:
    """First line of every page: take the URL's settings if somebody changed it, and say what could not be used."""
    arrived = st.session_state.get("page") != page
    st.session_state["page"] = page
    query = read_url()
    written = st.session_state.get("url")
    if query != written and not (arrived and written is not None and not query):  # a page switch empties the URL
        settings, problems = from_query(query, on_page=True)
        show, unknown = parse_show(query.get(SHOW))
        use(settings, show)
        st.session_state["problems"] = problems + unknown
    write_url()
    for problem in st.session_state.get("problems", []):
        st.warning(plain(problem), icon=":material/link_off:")
    st.session_state["problems"] = []


def read_url() -> dict[str, str]:
    """The URL parameters that are ours."""
    ours = {SHOW, *(spec.url for spec in SPECS.values())}
    return {name: value for name, value in st.query_params.items() if name in ours}


def write_url() -> None:
    """Put the settings into the URL; parameters that are not ours stay."""
    query = to_query(config())
    if shown() != DEFAULT_SHOW:
        query[SHOW] = ",".join(shown())
    st.session_state["url"] = query
    before = read_url()
    if query != before:
        foreign = {name: value for name, value in st.query_params.items() if name not in before}
        st.query_params.from_dict({**foreign, **query})


def parse_show(text: str | None) -> tuple[tuple[str, ...], list[str]]:
    """Activations from a URL: "tanh,relu"; a sentence where none of them is known."""
    if text is None:
        return DEFAULT_SHOW, []
    asked = text.split(",")
    known = tuple(name for name in ACTIVATIONS if name in asked)
    unknown = [name for name in asked if name not in ACTIVATIONS]
    problem = (
        f"URL parameter {SHOW}: {unknown[0][:30]!r} is unknown: choose from {', '.join(ACTIVATIONS)}."
        if unknown
        else ""
    )
    return known or DEFAULT_SHOW, [problem] if problem else []


def plain(text: str) -> str:
    """Text as Markdown that means nothing but itself: what a user typed must not become a link or a formula."""
    return "".join("\\" + c if c in r"\`*_{}[]()<>#+-.!|$:~^" else c for c in text)


def key_of(field: str) -> str:
    """The session key of a field's widget."""
    return f"control_{field}"


def changed(field: str) -> None:
    """A widget was used."""
    update(**{field: st.session_state[key_of(field)]})


def control(field: str, **options: Any) -> None:
    """The widget of a Config field, made from its Spec, with its fault, if any, underneath."""
    spec, key = SPECS[field], key_of(field)
    fault = faults().get(field)
    if fault is None:  # else what was typed stays, to be mended
        st.session_state[key] = getattr(config(), field)
    common = {"key": key, "help": spec.help, "on_change": changed, "args": (field,), **options}
    if isinstance(spec, Choice):
        st.selectbox(spec.label, list(spec.options), format_func=lambda name: spec.titles.get(name, name), **common)
    elif isinstance(spec, Text):
        st.text_area(spec.label, height=68, **common)
    elif isinstance(spec, Number) and spec.grid:
        st.select_slider(spec.label, sorted({*spec.grid, getattr(config(), field)}), **common)
    else:
        st.number_input(spec.label, spec.low, spec.high, step=1 if spec.whole else None, **common)
    if fault is not None:
        st.error(plain(fault))


def activations_control() -> None:
    """Which activations are compared."""

    def choose() -> None:
        chosen = st.session_state["control_show"]
        if chosen:  # the last one cannot be taken away
            st.session_state[SHOW] = tuple(name for name in ACTIVATIONS if name in chosen)

    st.session_state["control_show"] = list(shown())
    st.pills("Activations compared", list(ACTIVATIONS), selection_mode="multi", key="control_show", on_change=choose)


def presets_control(presets: Mapping[str, Any]) -> None:
    """Presets in one click; the one that is on the screen is lit."""

    def choose() -> None:
        name = st.session_state["control_preset"]
        if name:
            use(replace(presets[name].config, text=config().text), presets[name].show)

    now = replace(config(), text=DEFAULT.text), shown()
    lit = [name for name, preset in presets.items() if (preset.config, preset.show) == now]
    st.session_state["control_preset"] = lit[0] if lit else None
    st.pills("Presets", list(presets), key="control_preset", on_change=choose)


def new_seed() -> None:
    """Another network and other data; the number stands in the URL, so it can be found again."""
    update(seed=secrets.randbelow(10_000))
