"""Native widgets: set from the settings before they are drawn, writing to them when they are used."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from explorer.config import DEFAULT, SPECS
from explorer.controls import level
from explorer.controls.pages import MOST_SHOWN, in_order
from explorer.controls.state import (
    config,
    extra,
    faults,
    frozen,
    locked,
    locks,
    page,
    set_extra,
    settings,
    spec_of,
    update,
    update_extra,
    use,
    while_open,
)
from explorer.crowd import line
from explorer.markdown import plain
from explorer.specs import MAX_TEXT, Choice, Number, Text
from explorer.texts import words


def key_of(field: str) -> str:
    """The session key of a field's widget."""
    return f"control_{field}"


def changed(field: str) -> None:
    """A widget was used."""
    value = st.session_state[key_of(field)]
    if field in SPECS:
        update(**{field: value})
    else:
        update_extra(field, value)


def shown(field: str) -> bool:
    """Whether a field has its control: a link may hide it, and beginners do without some."""
    spec = spec_of(field)
    return field not in locks().hide and not (spec is not None and spec.advanced and level.beginner())


def control(field: str, **options: Any) -> None:
    """The widget of a Config field, or of an extra that has a Spec, with its fault, if any, underneath."""
    if not shown(field):
        return
    line().make_way()
    spec, key = spec_of(field), key_of(field)
    now = getattr(config(), field) if field in SPECS else extra(field)
    fault, why = faults().get(field), frozen().get(field, "")
    if fault is None:
        st.session_state[key] = now
    elif key not in st.session_state:  # what was typed stays, to be mended
        st.session_state[key] = st.session_state["faults"][field][1]
    common = {"key": key, "help": f"{why} {spec.help}".strip(), "disabled": bool(why)}
    common |= {"on_change": while_open(changed), "args": (field,), **options}
    if isinstance(spec, Choice):
        st.selectbox(spec.label, list(spec.options), format_func=lambda name: spec.titles.get(name, name), **common)
    elif isinstance(spec, Text):
        box = st.text_input if spec.longest <= 40 else partial(st.text_area, height=68)
        box(spec.label, max_chars=2 * MAX_TEXT, **common)  # what is too long stays, to be mended; ten megabytes do not
    elif isinstance(spec, Number) and spec.grid:
        st.select_slider(spec.label, sorted({*spec.grid, now}), **common)
    else:
        kind = int if spec.whole else float
        st.number_input(spec.label, kind(spec.low), kind(spec.high), **{"step": 1 if spec.whole else None, **common})
    if fault is not None:
        st.error(plain(fault))


def variants_control() -> None:
    """Which cells and activations are compared (the extra "show")."""

    def choose() -> None:
        chosen = st.session_state["control_show"]
        if 1 <= len(chosen) <= MOST_SHOWN:  # the last one cannot be taken away
            set_extra("show", in_order(chosen))

    if "show" in locks().hide:
        return
    names, why = page().extras["show"].choices, frozen().get("show")
    st.session_state["control_show"] = [name for name in extra("show") if name in names]
    label = words("controls.compared_gated" if "lstm" in names else "controls.compared", most=MOST_SHOWN)
    pills = partial(st.pills, selection_mode="multi", key="control_show", on_change=while_open(choose))
    pills(label, list(names), disabled=bool(why), help=why)


def presets_control(presets: Mapping[str, Any]) -> None:
    """Presets in one click; the one that is on the screen is lit."""

    def choose() -> None:
        name = st.session_state["control_preset"]
        if name:
            use(replace(presets[name].config, text=settings().text), show=presets[name].show)

    st.session_state["control_preset"] = lit_preset(presets)
    st.pills(words("controls.presets"), list(presets), key="control_preset", on_change=while_open(choose))


def lit_preset(presets: Mapping[str, Any]) -> str | None:
    """The preset that is on the screen."""
    now = config()
    now = now if now.text == DEFAULT.text else replace(now, text=DEFAULT.text), extra("show")
    return next((name for name, preset in presets.items() if (preset.config, preset.show) == now), None)


def header(
    presets: Mapping[str, Any],
    more: tuple[tuple[str, ...], ...],
    share: Callable[[], None] = lambda: None,
    first: Callable[[], None] = lambda: None,
) -> None:
    """The first row of a page with a board: task, presets, "More" with these fields, column by column, and "Share".

    What `first` draws stands under it and is sent before the row's widgets. page.css keeps their height free: it must
    not move when they appear.
    """
    with st.container(key="header"):
        task, choices, rest, last = st.columns([1.7, 7.1, 0.9, 0.9], vertical_alignment="bottom")
        level.say_what_is_hidden(name for fields in more for name in fields)
        lit = lit_preset(presets)
        if lit:
            st.caption(presets[lit].text)
        if config().task == "text" and config().reading is None:
            control("text")
    first()
    with last:
        share()
    with task:
        control("task")
    with choices:
        presets_control(presets)
    with rest:
        more_control(more, variants_control)


def more_control(fields: Iterable[Iterable[str]], first: Callable[[], None] = lambda: None) -> None:
    """The popover "More": these fields, column by column. Most of a page's widgets, so made when somebody opens it."""
    fields = tuple(map(tuple, fields))
    popover = st.popover(words("controls.more"), width="stretch", key="more", on_change="rerun")
    if popover.open:
        with popover:
            first()
            for column, names in zip(st.columns(len(fields)), fields, strict=True):
                with column:
                    for name in names:
                        control(name)
            st.button(words("controls.new_seed"), on_click=new_seed, width="stretch", disabled="seed" in locked())
            st.button(words("controls.reset"), on_click=use, args=(page().default,), width="stretch")


def new_seed() -> None:
    """Another network and other data; the number stands in the URL, so it can be found again."""
    update(seed=secrets.randbelow(10_000))


def event_of(component: str) -> dict[str, Any]:
    """What a component of ours has just sent; {} for what is not a dictionary, since a browser can send anything.

    And for what comes from a page that is being left, whose components Streamlit has forgotten by then.
    """
    event = st.session_state.get(component, {}).get("event")
    return event if isinstance(event, dict) else {}
