"""By hand: one word through a network of a few units, forward and backward, every number open to inspection."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

import streamlit as st

from explorer import controls
from explorer.by_hand import typed_weights
from explorer.by_hand.explain import explain
from explorer.by_hand.parts import MOST_UPDATES, PARTS, RATE, Lesson
from explorer.config import Config
from explorer.controls import Extra, Page, level, number_extra
from explorer.engine.records import Trace
from explorer.export.menu import View, share
from explorer.export.steps import steps
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.walk import Stop, walk
from explorer.live.unrolled import network, unrolled
from explorer.markdown import plain
from explorer.parts import go_deeper
from explorer.run import descent, run
from explorer.specs import Number, Text
from explorer.texts import words

KEY = "by_hand_network"


def too_large(config: Config) -> str:
    """Why a network that somebody brought cannot be walked through by hand, or ""."""
    if config.reading is not None:
        return words("by_hand.own_sequence")
    if config.cell != "rnn" or config.hidden_size > 5 or config.task != "text":
        return words("by_hand.too_large")
    return ""


PAGE = Page(
    "by hand",
    Config(task="text", text="dogs", sequence_length=3, hidden_size=3, truncation="full", clip="none"),
    {
        **controls.offered("loss_at", "seed"),
        "text": Text("Word", "text", "2 to 8 letters; its different letters become the alphabet, O of them.", 8),
        "hidden_size": Number("Hidden units H", "H", "Size of the state h.", 2, 5, True, (2, 3, 4, 5)),
        "activation": replace(controls.PAGE_SPECS["activation"], options=("tanh", "sigmoid")),
    },
    {
        "at": number_extra("at", 0, Number("Place", "at", "Where the walk stands.", 0, 999, True)),
        "rate": number_extra("rate", 0.5, RATE),
        "updates": number_extra("updates", 0, Number("Updates", "updates", "Gradient steps.", 0, MOST_UPDATES, True)),
        "weights": Extra({}, typed_weights.parse, typed_weights.write),
    },
    too_large,
)

VIEW = View(words("by_hand.title"), (hidden_states, gradient_terms), "by_hand", steps)


def show() -> None:
    """Settings, the network with the formula of the quantity in view, and the parts below it."""
    controls.open_page(PAGE)
    last = settings()
    config = of_the_word(controls.config())
    start, dropped = typed_weights.put_in(run(config), controls.extra("weights"))
    for sentence in dropped:
        st.warning(plain(sentence))
    history = descent(config, start, controls.extra("rate"), controls.extra("updates"))
    trace = history[-1]
    with last:
        share(VIEW, config, trace.params)
    stops = walk(trace)
    at = min(controls.extra("at"), len(stops) - 1)
    st.session_state["by_hand_shapes"] = {stop.key: stop.value.shape for stop in stops}
    st.session_state["by_hand_turn"] = next(i for i, stop in enumerate(stops) if stop.kind.backward)
    st.session_state["by_hand_look"] = look, entry = looked_at(trace, stops, at)

    left, right = st.columns([1.45, 1], gap="medium")
    with left:
        unrolled(KEY, network(trace, stops, at, look, entry), st.session_state.get("by_hand_answer", 0), on_event)
    with right:
        explain(trace, stops, look, entry)
    go_deeper("by_hand", PARTS, Lesson(config, history, stops, at))


def looked_at(trace: Trace, stops: tuple[Stop, ...], at: int) -> tuple[str, tuple[int, int] | None]:
    """The quantity in view: what was clicked, if this network has it, else the stop that the walk has reached."""
    T = len(trace.xs)
    others = {*trace.params, *(f"x:{t + 1}" for t in range(T))}
    others |= {f"flow:{t + 1},{k + 1}" for t in range(T) for k in range(t + 1)}
    st.session_state["by_hand_others"] = others
    look, entry = st.session_state.get("by_hand_look", (None, None))
    if look in others or look == stops[at].key:
        return look, entry
    return stops[at].key, None


def settings() -> Any:
    """The word and the network, in one row; returns the room at its end."""
    fields = [field for field in ("text", "hidden_size", "activation", "loss_at", "seed") if controls.shown(field)]
    columns = st.columns([*(2 for _ in fields), 1.1, 1.2], vertical_alignment="bottom")
    for column, field in zip(columns, fields, strict=False):
        with column:
            controls.control(field)
    level.say_what_is_hidden(("loss_at",))
    label, fixed = words("by_hand.new"), "seed" in controls.locked()
    columns[-2].button(label, on_click=controls.new_seed, width="stretch", disabled=fixed)
    return columns[-1]


def of_the_word(config: Config) -> Config:
    """T letters are read and one follows: a word of n letters is n − 1 steps."""
    return replace(config, sequence_length=len(unicodedata.normalize("NFC", config.text)) - 1)


def on_event() -> None:
    """An arrow, a button, or a click in the network."""
    event = controls.event_of(KEY)
    serial = event.get("serial")
    st.session_state["by_hand_answer"] = serial if isinstance(serial, int) else 0
    shapes, turn = st.session_state["by_hand_shapes"], st.session_state["by_hand_turn"]
    keys = list(shapes)
    at = min(controls.extra("at"), len(keys) - 1)
    look, entry = st.session_state.get("by_hand_look") or (keys[at], None)
    move = event.get("move")
    if move in (1, -1, "first", "backward", "last"):
        at = {1: at + 1, -1: at - 1, "first": 0, "backward": turn, "last": len(keys) - 1}[move]
        at = min(max(at, 0), len(keys) - 1)
        look, entry = keys[at], None
    elif event.get("down") in (1, -1) and look in shapes:  # through the entries of the quantity in view, row by row
        rows, columns = shapes[look]
        flat = entry[0] * columns + entry[1] + event["down"] if entry else 0
        entry = divmod(min(max(flat, 0), rows * columns - 1), columns)
    elif event.get("key") in (*shapes, *st.session_state["by_hand_others"]):
        look, entry = event["key"], place(event.get("entry"))
        at = keys.index(look) if look in shapes else at
    controls.set_extra("at", at)
    st.session_state["by_hand_look"] = (look, entry)


def place(entry) -> tuple[int, int] | None:
    """Row and column of a click, or None for anything else."""
    if isinstance(entry, list) and len(entry) == 2 and all(isinstance(i, int) and i >= 0 for i in entry):
        return entry[0], entry[1]
    return None


show()
