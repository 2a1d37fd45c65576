"""What becomes of weights that were trained: to other pages, to files, and from files back."""

from __future__ import annotations

import streamlit as st

from explorer import controls
from explorer.config import Config
from explorer.engine.storage import FORMATS
from explorer.engine.tasks import TASKS
from explorer.own import keeping
from explorer.texts import words
from explorer.training.lab import Lab, Variant
from explorer.training.trained import EXCERPT, Trained, from_file, to_file

INSIDE = ("explore", "flow", "clipping")  # where trained weights go


def look_closer(lab: Lab) -> None:
    """Which answer is looked at, how warm the text is; the weights to other pages and to files."""
    step, tau, inside, files = st.columns([2, 2, 1.5, 1.5], vertical_alignment="bottom")
    T = lab.config.sequence_length
    with step:
        st.session_state["control_step"] = min(controls.extra("step"), T)
        st.slider(
            words("training.answer_after"),
            1,
            max(T, 2),
            key="control_step",
            on_change=controls.while_open(controls.changed),
            args=("step",),
        )
    if TASKS[lab.config.task].symbols is not None:
        with tau:
            controls.control("tau")
    with inside, st.popover(words("training.look_inside"), width="stretch"):
        for variant in lab.variants:
            for name in INSIDE:
                label = words("training.to_page", name=variant.name, page=words(f"{name}.title"))
                args = {"on_click": take_along, "args": (variant.name, name)}
                st.button(label, key=f"{name}_{variant.name}", width="stretch", **args)
    with files, st.popover(words("training.save"), width="stretch"):
        for variant in lab.variants:
            for form in FORMATS:
                st.download_button(
                    f"{variant.name} · .{form}",
                    lambda variant=variant, form=form: to_file(trained(variant), form, variant.log()),
                    f"rnn-{lab.config.task}-{variant.name}.{form}",
                    on_click="ignore",
                    key=f"save_{variant.name}_{form}",
                )


def trained(variant: Variant) -> Trained:
    """Its weights of now, with what other pages need to know."""
    lesson = variant.lesson
    name = words("training.name", task=lesson.config.task, name=variant.name, number=variant.number)
    params = {key: W.astype(float, copy=False) for key, W in variant.params.items()}  # pages compute in float64
    if lesson.corpus is None:
        return Trained(name, lesson.config, params)
    excerpt = tuple(lesson.classes[c] for c in lesson.corpus.train[:EXCERPT])
    return Trained(name, lesson.config, params, lesson.classes, excerpt)


def take_along(name: str, page: str) -> None:
    """The weights of now to a page. A callback: a run that ends draws the page anew, which would forget the click."""
    for variant in st.session_state["lab"].variants:
        if variant.name == name:
            look_inside(trained(variant))
            st.session_state["go_to"] = f"explorer/pages/{page}.py"


def look_inside(brought: Trained) -> None:
    """These weights on every page, in the place of drawn ones; those of INSIDE open with their settings."""
    keeping.let_go("reading")
    keeping.load(brought.network)
    if brought.reading is not None:
        keeping.load(brought.reading)
    for name in INSIDE:
        controls.send_to(name, brought.settings(Config()), (), show=(brought.variant,))


def take_file() -> None:
    """An uploaded file of weights."""
    file = st.session_state["weights_file"]
    if file is None:
        return
    try:
        look_inside(from_file(file.name, file.getvalue()))
        st.session_state["go_to"] = "explorer/pages/explore.py"
    except ValueError as error:
        st.session_state["lab_problem"] = str(error)


def saved_weights() -> None:
    """A file that this page wrote, to look inside."""
    st.file_uploader(words("training.open"), type=list(FORMATS), key="weights_file", on_change=take_file)
