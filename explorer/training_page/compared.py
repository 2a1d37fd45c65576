"""What a training run compares: one setting with up to four values, to and from the URL, and its widgets."""

from __future__ import annotations

import streamlit as st

from explorer import controls
from explorer.config import SPECS
from explorer.markdown import plain
from explorer.specs import Choice
from explorer.texts import words
from explorer.training.lab import MOST_VARIANTS, label_of, written
from explorer.training.recipe import RECIPE_SPECS

FIXED = ("task", "text", "loss_at", "symbols", "updates")  # the same for all variants
VARIED = [name for name in (*SPECS, *RECIPE_SPECS) if name not in FIXED]


def parse(value: str) -> tuple[str, tuple]:
    """What is compared, from a URL: "phi:tanh,sigmoid"."""
    url, _, values = value.partition(":")
    names = {(SPECS | RECIPE_SPECS)[name].url: name for name in VARIED}
    if url not in names:
        raise ValueError(f"{url[:30]!r} cannot be compared: choose from {', '.join(names)}")
    spec, asked = (SPECS | RECIPE_SPECS)[names[url]].on_page(), values.split(",")
    checked = tuple(dict.fromkeys(spec.parse(names[url], each.strip()) for each in asked))
    if len(checked) > MOST_VARIANTS:
        raise ValueError(f"{len(checked)} values are too many to compare: choose 1 to {MOST_VARIANTS}")
    return names[url], checked


def write(vary: tuple[str, tuple]) -> str:
    """The inverse of `parse`."""
    return f"{(SPECS | RECIPE_SPECS)[vary[0]].url}:{','.join(map(written, vary[1]))}"


EXTRA = controls.Extra(("activation", ("tanh", "sigmoid")), parse, write, label=words("training.compare"))


def widget() -> None:
    """Which setting differs between the variants, and its values."""
    if not controls.shown("vary"):
        return
    why = controls.frozen().get("vary")
    name, values = controls.extra("vary")
    spec = (SPECS | RECIPE_SPECS)[name].on_page()
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    st.session_state["control_varied"] = name
    left.selectbox(
        words("training.compare"),
        VARIED,
        format_func=label_of,
        key="control_varied",
        on_change=choose_varied,
        disabled=bool(why),
        help=why,
    )
    if isinstance(spec, Choice):
        key = f"control_values_{name}"
        st.session_state[key] = list(values)
        right.pills(
            spec.label,
            list(spec.options),
            selection_mode="multi",
            format_func=lambda value: spec.titles.get(value, value),
            key=key,
            on_change=choose_values,
            args=(key,),
            disabled=bool(why),
        )
    else:
        key = f"control_typed_{name}"
        if "vary" not in controls.faults():
            st.session_state[key] = ",".join(map(written, values))
        right.text_input(
            words("training.values", setting=spec.label, most=MOST_VARIANTS),
            key=key,
            on_change=type_values,
            args=(key,),
            disabled=bool(why),
        )
        if "vary" in controls.faults():
            st.error(plain(controls.faults()["vary"]))


def choose_varied() -> None:
    """Another setting: its first values, or half, once and twice the present one."""
    name = st.session_state["control_varied"]
    spec = (SPECS | RECIPE_SPECS)[name].on_page()
    if isinstance(spec, Choice):
        values = tuple(spec.options)[:2]
    else:
        now = getattr(controls.config(), name) if name in SPECS else controls.extra(name)
        near = [(spec.whole and int(now * f)) or now * f for f in (0.5, 1, 2)]
        values = tuple(dict.fromkeys(value for value in near if spec.low <= value <= spec.high))
    controls.set_extra("vary", (name, values))


def choose_values(key: str) -> None:
    """Up to four of a setting's options; the last one cannot be taken away."""
    chosen = tuple(st.session_state[key])[-MOST_VARIANTS:]
    if chosen:
        controls.set_extra("vary", (controls.extra("vary")[0], chosen))


def type_values(key: str) -> None:
    """Numbers that somebody typed."""
    name = controls.extra("vary")[0]
    try:
        controls.set_extra("vary", parse(f"{(SPECS | RECIPE_SPECS)[name].url}:{st.session_state[key]}"))
        st.session_state["faults"] = {k: v for k, v in st.session_state["faults"].items() if k != "vary"}
    except ValueError as error:
        st.session_state["faults"] = {**st.session_state["faults"], "vary": (str(error), None)}
