"""A page's board with its sliders: from the session's settings to the component, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer import controls
from explorer.browser import IN_BROWSER
from explorer.config import SPECS, Config
from explorer.crowd import line
from explorer.figures.theme import Picture
from explorer.live import frames
from explorer.live.board import board
from explorer.live.envelope import Slider, Strip, idle, written
from explorer.live.frames import HASH, Stage, View, apart_from, drawn, positions, strip_key, strip_values
from explorer.live.numbers import numbers
from explorer.live.packing import pack
from explorer.markdown import plain
from explorer.run import compare


# Shared by all sessions: a class on one link computes each of them once.
@st.cache_resource(max_entries=500, show_spinner=False)
def frame_named(which: str, _make: Callable[[], bytes]) -> bytes:
    """A frame; `which` names its settings: Streamlit would take half a millisecond to do so itself."""
    return _make()


def frame_bytes(config: Config, show: tuple[str, ...], stage: Stage, view: View, made: Any = None) -> bytes:
    """The frame of a setting; `made` is one that does not have to be made any more."""

    def make() -> bytes:
        if made is None:
            return frames.frame_bytes(config, show, stage, view)
        return frames.packed(made, config, show, stage, view)

    return frame_named(which=repr((config, show, stage.name, view)), _make=make)


@st.cache_resource(max_entries=48, show_spinner=False, hash_funcs=HASH)
def strip_along(
    config: Config, show: tuple[str, ...], stage: Stage, view: View, field: str, values: tuple[float, ...], _keep: bool
) -> Strip | None:
    """The strip along a slider. If its frames are to `keep`, whoever lets go of the slider finds his own there."""
    if not _keep:
        return frames.strip_along(config, show, stage, view, field, values)
    return frames.strip_along(
        config,
        show,
        stage,
        view,
        field,
        values,
        lambda config, view, made: frame_bytes(config, show, stage, view, made),
    )


def mount(key: str, stage: Stage, also: View = ()) -> None:
    """Show a board of the open page with its drawer of numbers, and take what its sliders say."""
    live_board(key, stage, also)
    drawer(key, stage, also)


def drawer(key: str, stage: Stage, also: View = ()) -> None:
    """The numbers of a board's pictures, for whoever opens them."""
    config, show, view = controls.config(), controls.extra("show"), view_of(stage, also)
    numbers(key, lambda: [Picture(**drawn(picture, compare(config, show), view)) for picture in stage.pictures])


def view_of(stage: Stage, also: View) -> View:
    """What the open page looks at; `also` is told to the pictures like it."""
    return tuple((name, controls.extra(name)) for name in stage.sliders if name not in SPECS) + also


def live_board(key: str, stage: Stage, also: View = ()) -> None:
    """The board itself."""
    controls.leave_url(False)
    for field in stage.sliders:
        if field in controls.faults():
            st.error(plain(controls.faults()[field]))
    config, show, view = controls.config(), controls.extra("show"), view_of(stage, also)
    still, hidden = idle(config, show) | controls.frozen(), controls.locks().hide
    sliders = [slider(config, view, field, still.get(field, "")) for field in stage.sliders if field not in hidden]
    wanted, whole = st.session_state.pop(f"{key} wants_strip", (None, False))
    strip = None
    its = next((s for s in sliders if s.field == wanted), None)
    if its:
        others, view_of_others = apart_from(config, view, wanted)
        with line().aside((key, strip_key(config, show, view, wanted))) as waiting:
            values = strip_values(config, stage, its.values, its.value, whole, waiting)
            keep = waiting <= frames.FEW
            strip = strip_along(others, show, stage, view_of_others, wanted, values, keep)
    answer = st.session_state.get(f"{key} answer", 0)
    board(
        key,
        sliders,
        frame_bytes(config, show, stage, view),
        strip,
        answer,
        lambda: on_event(key, stage),
        whole or not IN_BROWSER,
    )


def show_pictures(
    key: str, name: str, pictures: Sequence[Picture], inputs: Sequence[str] | None, rows: int, moving: bool
) -> None:
    """A board without sliders: pictures that come from anywhere and are kept alive while they change.

    `name` says which state of things they show; `inputs` are the symbols along time axes; `rows` small multiples
    have to fit into a picture. While they are `moving`, heatmaps travel as int8.
    """
    frame = {
        "key": name,
        "values": {},
        "reads": {"symbols": inputs},
        "verdicts": [],
        "rows": rows,
        "coarse": moving,
        "rest": 2000 if moving else None,  # ms: the next frame will be here long before, sketches are enough
        "pictures": [{"title": p.title, "figure": p.figure, "sentence": p.sentence} for p in pictures],
        "others": {},
    }
    board(key, (), pack([frame], int8_matrices=moving), None, 0, lambda: None)
    if not moving:
        numbers(key, lambda: pictures)


def slider(config: Config, view: View, field: str, note: str) -> Slider:
    """One slider of the board; `note` says why it has nothing to do, if so."""
    spec, now = controls.spec_of(field), dict(view)[field] if field not in SPECS else getattr(config, field)
    now = min(now, config.sequence_length) if field == "step" else now  # no step lies beyond T; it comes back with T
    values = positions(config, field, spec, now)
    return Slider(field, spec.label, spec.help, values, written(values, spec.whole), now, note)


def on_event(key: str, stage: Stage) -> None:
    """The user moved a slider of the board, took hold of it and wants the strip along it, or clicked a cell."""
    event = controls.event_of(key)
    field, value, serial = event.get("field"), event.get("value"), event.get("serial")
    controls.leave_url(event.get("passing") is True)
    st.session_state[f"{key} answer"] = serial if isinstance(serial, int) else 0
    if stage.picked and "picked" in event:
        stage.picked(event["picked"])
    if field not in stage.sliders:
        return
    if field in SPECS:
        controls.update(**{field: value})
    else:
        controls.update_extra(field, value)
    st.session_state[f"{key} wants_strip"] = (field if event.get("strip") else None, event.get("strip") == "whole")
