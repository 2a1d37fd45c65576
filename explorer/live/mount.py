"""A page's board with its sliders: from the session's settings to the component, and back."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer import controls
from explorer.config import SPECS, Config, Number, variant
from explorer.engine.cells import CELLS
from explorer.figures.theme import number
from explorer.live.board import Slider, board
from explorer.live.frames import Stage, View, frame_bytes, positions, strip_along, strip_values


def mount(key: str, stage: Stage, also: View = ()) -> None:
    """Show a board of the open page, and take what its sliders say; `also` is told to its pictures like the view."""
    for field in stage.sliders:
        if field in controls.faults():
            st.error(controls.plain(controls.faults()[field]))
    config, show = controls.config(), controls.extra("show")
    view = tuple((name, controls.extra(name)) for name in stage.sliders if name not in SPECS)
    view += also
    sliders = [slider(config, view, field) for field in stage.sliders]
    wanted = st.session_state.pop(f"{key} wants_strip", None)
    strip = None
    if wanted in stage.sliders:
        values = next((strip_values(config, stage, s.values, s.value) for s in sliders if s.field == wanted), ())
        strip = strip_along(config, show, stage, view, wanted, values)
    answer = st.session_state.get(f"{key} answer", 0)
    board(key, sliders, frame_bytes(config, show, stage, view), strip, answer, lambda: on_event(key, stage))


def slider(config: Config, view: View, field: str) -> Slider:
    """One slider of the board; one that has nothing to do says why."""
    spec, now = spec_of(field), dict(view)[field] if field not in SPECS else getattr(config, field)
    values = positions(config, field, spec, now)
    texts = tuple(str(v) if spec.whole else number(v, 2) for v in values)
    return Slider(
        field, spec.label, spec.help, tuple(values), texts, now, idle(config, controls.extra("show")).get(field, "")
    )


def spec_of(field: str) -> Number:
    """What a slider knows about its values: a Config field's Spec on this page, or that of an extra."""
    spec = controls.page().specs.get(field) or controls.page().extras[field].spec
    assert isinstance(spec, Number)
    return spec


def idle(config: Config, show: tuple[str, ...]) -> Mapping[str, str]:
    """Sliders that change nothing now, and why."""
    notes = {}
    if config.truncation == "full":
        notes["window"] = "full gradient: nothing is cut"
    if config.clip == "none":
        notes["clip_at"] = "clipping is off"
    if not any(CELLS[variant(config, name).cell].gated for name in show):
        notes["forget_bias"] = "an RNN has no gates: compare with LSTM or GRU"
    return notes


def on_event(key: str, stage: Stage) -> None:
    """The user moved a slider of the board, took hold of it and wants the strip along it, or clicked a cell."""
    event = controls.event_of(key)
    field, value, serial = event.get("field"), event.get("value"), event.get("serial")
    st.session_state[f"{key} answer"] = serial if isinstance(serial, int) else 0
    if stage.picked and "picked" in event:
        stage.picked(event["picked"])
    if field not in stage.sliders:
        return
    if field in SPECS:
        controls.update(**{field: value})
    else:
        controls.update_extra(field, value)
    st.session_state[f"{key} wants_strip"] = field if event.get("strip") else None
