"""Shapes: six ways to connect one recurrent network with what it reads and what it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from explorer import controls
from explorer.config import CELL_TITLES, VARIANTS, Config, variant
from explorer.controls import Extra, Page, level
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.shapes import SHAPES, Shape
from explorer.engine.shapes.learning import KEPT, Learnt, Setup, learn
from explorer.engine.shapes.looking import Answers, Look, answers, look
from explorer.engine.shapes.tasks import Example, Task
from explorer.engine.truncation import TRUNCATIONS
from explorer.export.menu import Away, share_files
from explorer.live.frames import HASH
from explorer.live.shape import drawing, shape_diagram
from explorer.markdown import plain
from explorer.parts import folded
from explorer.sound import wav
from explorer.specs import Choice, Number, counted, short
from explorer.texts import text, words

KEY = "shapes_diagram"
TITLES = {name: shape.title for name, shape in SHAPES.items()}
NETWORKS = {name: CELL_TITLES.get(name, words("shapes.rnn", name=name)) for name in VARIANTS}
LONGEST = 120  # characters of something typed


def parse_updates(text: str) -> int:
    """A number of updates after which the weights were kept."""
    if text not in map(str, KEPT):
        raise ValueError(f"updates = {short(text)} was not kept: choose one of {', '.join(map(str, KEPT))}")
    return int(text)


def parse_read(text: str) -> str:
    """Something to read; whether it can be read depends on the shape and is said beside its control."""
    if len(text) > LONGEST:
        raise ValueError(f"read has {counted(len(text), 'character')}: type at most {LONGEST}")
    return text


def choice(name: str, default: str, titles: Mapping[str, str], label: str) -> Extra:
    """An extra that is one of a few names."""
    return controls.spec_extra(name, default, Choice(label, name, "", tuple(titles)))


PAGE = Page(
    "shapes",
    Config(truncation="full", window=2),
    {
        **controls.offered("seed"),
        "weight_scale": replace(
            controls.PAGE_SPECS["weight_scale"],
            help="Multiplies W_hh before learning begins.",
            high=4,
            grid=(0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0),
        ),
        "truncation": replace(
            controls.PAGE_SPECS["truncation"],
            options=("full", "block"),
            help="While it learns, and in the picture.",
            advanced=True,
        ),
        "window": Number("Window", "window", "Steps per block.", 1, 12, True, tuple(range(1, 13)), advanced=True),
    },
    {
        "shape": choice("shape", "many-to-one", TITLES, words("shapes.shape")),
        "net": choice("net", "tanh", NETWORKS, words("shapes.network")),
        "read": Extra("", parse_read, label=words("shapes.read")),
        "updates": Extra(0, parse_updates),
        "listen": choice("listen", "no", {"no": "", "yes": ""}, words("shapes.listens")),
    },
    lambda config: words("shapes.own_task"),
)


def page() -> None:
    """Which shape, which network; the diagram; what it is for."""
    controls.open_page(PAGE)
    name, shape = which_shape()
    example = settings(name)
    config, net = controls.config(), controls.extra("net")
    learnt, asked = trained(name, config, net)
    if learnt.updates[-1] < KEPT[-1]:
        st.warning(words("shapes.ended", update=len(learnt.losses) - 1))
    seen = look(shape, setup_of(config, net), learnt, example, controls.extra("listen") == "yes")
    at = kept_before(learnt)
    dark, answer = st.context.theme.type == "dark", st.session_state.get("shapes_answer", 0)
    shape_diagram(KEY, drawing(shape, seen, asked, learnt.losses, at), dark, answer, on_event)
    if not seen.known:
        st.info(words("shapes.no_answer"))
    if shape.task.play:
        listen(shape.task, seen, example, learnt.updates.index(at))
    st.markdown(f"**{shape.title}.** {shape.about}")
    folded("shapes", words("parts.how_one"), st.markdown, text("shapes"))


def which_shape() -> tuple[str, Shape]:
    """The first row."""
    left, right, last = st.columns([3, 1, 0.5], vertical_alignment="center")
    with last:
        share_files(files)
    with left:
        picker("shape", words("shapes.shape"), TITLES, label_visibility="collapsed")
    name = controls.extra("shape")
    if any(chain.hears_itself for chain in SHAPES[name].chains) and controls.shown("listen"):
        st.session_state["shapes_listen"] = controls.extra("listen") == "yes"
        right.toggle(
            words("shapes.listens"),
            key="shapes_listen",
            on_change=lambda: controls.set_extra("listen", "yes" if st.session_state["shapes_listen"] else "no"),
            help=words("shapes.listens_help"),
            disabled="listen" in controls.frozen(),
        )
    return name, SHAPES[name]


def settings(name: str) -> Example:
    """The second row; returns what is read."""
    columns = st.columns([1.5, 3.2, 1.8, 1.3, 1.2, 1.6], vertical_alignment="bottom")
    with columns[0]:
        picker("net", words("shapes.network"), NETWORKS, box=True)
    with columns[1]:
        example, problem = reading(name, SHAPES[name].task)
    for column, field in zip(columns[2:], ("weight_scale", "truncation", "seed", "window"), strict=True):
        with column:
            if field != "window" or controls.config().truncation == "block":
                controls.control(field)
    if problem:
        st.error(plain(problem))
    level.say_what_is_hidden(("truncation", "window"))
    return example


def reading(name: str, task: Task) -> tuple[Example, str]:
    """The control for what the network reads: one of the examples, or anything of known symbols that somebody types."""
    texts = [example.text for example in task.examples + task.unseen]
    example, problem = example_of(task)
    key = f"shapes_read_{name}"
    st.session_state[key] = controls.extra("read") or example.text
    options = list(dict.fromkeys([*texts, st.session_state[key]]))
    if not controls.shown("read"):
        return example, problem
    st.selectbox(
        words("shapes.reads", what=task.asks),
        options,
        key=key,
        accept_new_options=True,
        disabled="read" in controls.frozen(),
        on_change=lambda: controls.set_extra("read", (st.session_state[key] or "")[:LONGEST]),
    )
    return example, problem


def example_of(task: Task) -> tuple[Example, str]:
    """What the network reads; if that cannot be read, the first example, and what is wrong with what was typed."""
    first = task.known(task.examples[0].text)
    try:
        return task.known(controls.extra("read")) if controls.extra("read") else first, ""
    except ValueError as error:
        return first, str(error)


def kept_before(learnt: Learnt) -> int:
    """The number of updates at which the slider stands."""
    return max(update for update in learnt.updates if update <= controls.extra("updates"))


def picker(name: str, label: str, titles: Mapping[str, str], box: bool = False, **options: Any) -> None:
    """A choice among the names of an extra."""
    if not controls.shown(name):
        return

    def choose() -> None:
        value = st.session_state[f"shapes_{name}"]
        if value and name == "shape" and value != controls.extra("shape"):
            controls.set_extra("read", "")  # what one shape reads, another cannot
        if value:  # a second click takes a choice away: it stays
            controls.set_extra(name, value)

    st.session_state[f"shapes_{name}"] = controls.extra(name)
    widget: Any = st.selectbox if box else st.segmented_control
    widget(
        label,
        list(titles),
        format_func=titles.get,
        key=f"shapes_{name}",
        on_change=choose,
        disabled=name in controls.frozen(),
        **options,
    )


def listen(task: Task, seen: Look, example: Example, c: int) -> None:
    """The network's tune after this many updates, and the right one."""
    first = example.reads[0][0]
    left, right = st.columns(2)
    with left:
        notes = (first, *(task.classes[i] for i in seen.answers[c]))
        st.caption(words("shapes.tune", updates=seen.updates[c], notes=" ".join(notes)))
        st.audio(wav(notes), format="audio/wav")
    with right:
        notes = (first, *(task.classes[i] for i in seen.targets))
        st.caption(words("shapes.taught" if seen.known else "shapes.last_answer", notes=" ".join(notes)))
        st.audio(wav(notes), format="audio/wav")


def files(link: str) -> Away:
    """What can be taken away of the page as it is."""
    from explorer.export.shape_files import Shown, shape_files

    name, net, config = controls.extra("shape"), controls.extra("net"), controls.config()
    shape, setup, listening = SHAPES[name], setup_of(config, net), controls.extra("listen") == "yes"
    example, _ = example_of(shape.task)
    learnt, asked = trained(name, config, net)
    seen = look(shape, setup, learnt, example, listening)
    at = kept_before(learnt)
    told = {
        words("shapes.shape"): shape.title,
        words("shapes.network"): NETWORKS[net],
        words("shapes.read"): example.text,
        words("shapes.after"): str(at),
    }
    told |= {spec.label: spec.written(getattr(config, field)) for field, spec in PAGE.specs.items()}
    if any(chain.hears_itself for chain in shape.chains):
        told[words("shapes.listens")] = controls.extra("listen")
    return shape_files(
        Shown(told, shape, setup, learnt, example, listening, seen, drawing(shape, seen, asked, learnt.losses, at)),
        link,
    )


def setup_of(config: Config, net: str) -> Setup:
    """Names → functions."""
    chosen = variant(config, net)
    return Setup(
        CELLS[chosen.cell],
        ACTIVATIONS[chosen.activation],
        TRUNCATIONS[chosen.truncation].keep,
        chosen.window,
        chosen.weight_scale,
        chosen.seed,
    )


@st.cache_resource(max_entries=48, show_spinner=words("shapes.learning"), hash_funcs=HASH)
def trained(name: str, config: Config, net: str) -> tuple[Learnt, Answers]:
    """The training of a shape, and what it answers along the way."""
    setup, shape = setup_of(config, net), SHAPES[name]
    learnt = learn(shape, setup)
    return learnt, answers(shape, setup, learnt, shape.task.examples + shape.task.unseen)


def on_event() -> None:
    """The slider was let go, or an example was clicked."""
    event = controls.event_of(KEY)
    if event.get("updates") in KEPT:
        controls.set_extra("updates", int(event["updates"]))
    if isinstance(event.get("serial"), int):
        st.session_state["shapes_answer"] = event["serial"]
    if isinstance(event.get("read"), str):
        controls.set_extra("read", event["read"][:LONGEST])


page()
