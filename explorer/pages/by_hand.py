"""By hand: one word through a network of a few units, forward and backward, every number open to inspection."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from explorer import controls, typed_weights
from explorer.config import Config
from explorer.controls import Extra, Page, number_extra
from explorer.engine.checks import difference_quotients
from explorer.engine.clipping import angle
from explorer.engine.losses import perplexity
from explorer.engine.records import Trace
from explorer.export.menu import View, share
from explorer.figures.costs import kept, most_kept, work
from explorer.figures.descent import descent_curve, target_probability
from explorer.figures.gradient_check import gradient_check
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.latex import matrix
from explorer.figures.theme import number
from explorer.figures.walk import Stop, chain, row, walk
from explorer.live.chart import chart
from explorer.live.unrolled import network, unrolled
from explorer.markdown import plain
from explorer.run import descent, loss_of, run
from explorer.specs import Number, Text
from explorer.texts import text

KEY = "by_hand_network"
MOST_UPDATES = 200
EPSILONS = tuple(10.0**-n for n in range(1, 16))


def too_large(config: Config) -> str:
    """Why a network that somebody brought cannot be walked through by hand, or ""."""
    if config.reading is not None:
        return "By hand reads a word: your own sequence waits for the other pages."
    if config.cell != "rnn" or config.hidden_size > 5 or config.task != "text":
        return (
            "By hand needs a vanilla network of at most 5 units with an input and an output for each different letter "
            "of the word: the drawn one is shown."
        )
    return ""


RATE = Number("Learning rate η", "rate", "W ← W − η dW", 0.001, 10)
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

VIEW = View("By hand", (hidden_states, gradient_terms), "by_hand")


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
    look, entry = looked_at(trace, stops, at)

    left, right = st.columns([1.45, 1], gap="medium")
    with left:
        unrolled(KEY, network(trace, stops, at, look, entry), on_event)
    with right:
        explain(trace, stops, look, entry)
    part = st.segmented_control("Go deeper", list(PARTS), default=next(iter(PARTS)), key="by_hand_part")
    if part:  # only the part that is open is computed
        PARTS[part](Lesson(config, history, stops, at))


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
    columns = st.columns([2, 2, 2, 2, 1.6, 1.1, 1.2], vertical_alignment="bottom")
    for column, field in zip(columns, ("text", "hidden_size", "activation", "loss_at", "seed"), strict=False):
        with column:
            controls.control(field)
    columns[-2].button("New", on_click=controls.new_seed, width="stretch", disabled="seed" in controls.locked())
    return columns[-1]


def of_the_word(config: Config) -> Config:
    """T letters are read and one follows: a word of n letters is n − 1 steps."""
    return replace(config, sequence_length=len(unicodedata.normalize("NFC", config.text)) - 1)


def on_event() -> None:
    """An arrow, a button, or a click in the network."""
    event = controls.event_of(KEY)
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


# ------------------------------------------------------------------------------------------ the quantity in view


def explain(trace: Trace, stops: tuple[Stop, ...], look: str, entry: tuple[int, int] | None) -> None:
    """What is being looked at, with its formula and numbers."""
    found = next((stop for stop in stops if stop.key == look), None)
    if found:
        explain_stop(found, entry)
    elif look.startswith("flow:"):
        explain_chain(trace, *(int(n) for n in look.removeprefix("flow:").split(",")))
    elif look in trace.params:
        st.markdown(f"**{look}**: given. The same numbers at every step.")
        st.latex(latex_name(look) + " = " + matrix(row(trace.params[look])))
    else:
        st.markdown("**Input**: the letter, one-hot: 1 at its place in the alphabet, 0 elsewhere.")


def explain_stop(stop: Stop, entry: tuple[int, int] | None) -> None:
    """Formula, numbers, the entry that was clicked, and the engine's line."""
    phase = "Backward" if stop.kind.backward else "Forward"
    st.markdown(f"**{phase}, step {stop.t}** · {plain(stop.title)}")
    st.latex(stop.symbols)
    lines = r" \\ &\quad ".join(stop.numbers)
    st.latex(
        size_for(stop.numbers) + r"\begin{aligned} &\quad " + lines + r" \\ &= " + matrix(stop.value) + r"\end{aligned}"
    )
    if entry and entry[0] < stop.value.shape[0] and entry[1] < stop.value.shape[1]:
        i, j = entry
        st.markdown(f"Entry {j + 1}:" if stop.value.shape[0] == 1 else f"Entry in row {i + 1}, column {j + 1}:")
        st.latex(r"\small " + stop.entry(i, j) + f" = {matrix(stop.value[i : i + 1, j : j + 1])}")
    else:
        st.caption("Click a number, or press ↓, to see how that one entry comes about.")
    line, function = stop.source()
    if st.toggle("Show the code that computes it", key="by_hand_code"):
        st.code(line, language="python")
        with st.expander("the whole function"):
            st.code(function, language="python")


def explain_chain(trace: Trace, t: int, k: int) -> None:
    """One entry of the T×T matrix: the chain of factors, written out."""
    symbols, lines, value, product = chain(trace, t, k)
    st.markdown(f"**Loss at step {t} reaches state {k}** · ‖·‖ = {number(float(np.linalg.norm(value)))}")
    st.latex(symbols)
    size = size_for(lines)
    st.latex(size + r"\begin{aligned} &" + r" \\ &\quad ".join(lines) + r" \\ &= " + matrix(value) + r"\end{aligned}")
    if k < t:
        st.latex(size + rf"\frac{{\partial h_{t}}}{{\partial h_{k}}} = \prod = " + matrix(product))
        st.caption("Rows from the left: a gradient row times this matrix goes from step t back to step k.")
    if not trace.loss_mask[t - 1]:
        st.caption(f"This run takes no loss at step {t}; the row shows what one there would send.")


def size_for(lines: Sequence[str]) -> str:
    """The LaTeX size in which the widest line of matrices fits its column."""
    first_rows = [[m.split(r"\\")[0] for m in re.findall(r"\\begin\{bmatrix\}(.*?)\\end", line)] for line in lines]
    columns = max(sum(row.count("&") + 1 for row in rows) for rows in first_rows)
    return r"\small " if columns <= 6 else r"\footnotesize " if columns <= 7 else r"\scriptsize "


def latex_name(name: str) -> str:
    """W_hh → W_{hh}."""
    letter, index = name.split("_")
    return f"{letter}_{{{index}}}"


# ------------------------------------------------------------------------------------------------------ the parts


@dataclass(frozen=True)
class Lesson:
    """What the parts below the network speak of: the run after 0, 1, 2, … updates, and the walk through the last."""

    config: Config
    history: list[Trace]
    stops: tuple[Stop, ...]
    at: int

    @property
    def trace(self) -> Trace:
        """The network as it stands."""
        return self.history[-1]


def check(lesson: Lesson) -> None:
    """Nudge one weight and compare the difference quotient with the gradient by hand."""
    trace = lesson.trace
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        name = st.segmented_control("Weight matrix", list(trace.params), default="W_hh", key="check_name") or "W_hh"
        shape = row(trace.params[name]).shape
        one, two = st.columns(2)
        i = one.selectbox("Row", range(1, shape[0] + 1), key=f"check_row_{name}_{shape}") - 1
        j = two.selectbox("Column", range(1, shape[1] + 1), key=f"check_column_{name}_{shape}") - 1
        eps = st.select_slider("ε", EPSILONS, EPSILONS[4], format_func=lambda e: number(e, 1), key="check_eps")
        index = (i, j) if trace.params[name].ndim == 2 else (j,)
        quotients = difference_quotients(partial(loss_of, lesson.config), trace.params, name, index, np.array(EPSILONS))
        gradient = float(trace.full.grads[name][index])
        n = EPSILONS.index(eps)
        st.markdown(
            "| quantity | value |\n|---|---|\n"
            f"| L(w) → L(w+ε) | `{quotients.loss:.10g}` → `{quotients.nudged[n]:.10g}` |\n"
            f"| gradient by hand | `{gradient:.15g}` |\n"
            f"| (L(w+ε) − L(w−ε)) / 2ε | `{quotients.central[n]:.15g}` |\n"
            f"| (L(w+ε) − L(w)) / ε | `{quotients.forward[n]:.15g}` |\n"
            f"| complex step, Im L(w+iε) / ε | `{quotients.complex_step[n]:.15g}` |"
        )
    with right:
        chart(gradient_check(quotients, gradient), "check_picture", 330)


def learn(lesson: Lesson) -> None:
    """Gradient steps on this one word."""
    trace = lesson.trace
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        rate = st.number_input(
            RATE.label,
            RATE.low,
            float(RATE.high),
            controls.extra("rate"),
            format="%.3f",
            help=RATE.help,
            key="learn_rate",
        )
        done = controls.extra("updates")
        if rate != controls.extra("rate"):
            controls.set_extra("rate", rate)
            st.rerun()
        for column, n in zip(st.columns(3), (1, 10, -done), strict=True):
            label = f"{n} step{'s' if n > 1 else ''}" if n > 0 else "Start again"
            full = done + n > MOST_UPDATES
            column.button(label, on_click=step, args=(n,), width="stretch", disabled=full, key=f"learn_{label}")
        mean = trace.loss / trace.loss_mask.sum()
        target = plain(trace.classes[trace.targets[-1, 0]])
        st.markdown(
            f"Mean loss **{number(mean)}**, perplexity e^loss = **{number(perplexity(mean))}**, "
            f"p({target}) = **{number(target_probability(trace))}** after {done} of at most {MOST_UPDATES} updates."
        )
        st.markdown(text("perplexity"))
    with right:
        chart(descent_curve(lesson.history), "learn_picture", 330)


def step(n: int) -> None:
    """n more updates (negative: back to the start); everything on the page is then the network after them."""
    controls.set_extra("updates", controls.extra("updates") + n)


def own_weights(lesson: Lesson) -> None:
    """Type weights into a table."""
    start = lesson.history[0].params
    name = st.segmented_control("Weight matrix to edit", list(start), default="W_hh", key="own_name") or "W_hh"
    st.caption("Numbers from −100 to 100. They stand in the URL. Updates start from them.")
    typed_weights.editor(name, start[name])
    if controls.extra("weights"):
        st.button("Back to the drawn weights", on_click=controls.set_extra, args=("weights", {}))


def memory(lesson: Lesson) -> None:
    """What the walk has cost so far, and what truncation would save and lose."""
    trace, stops, so_far = lesson.trace, lesson.stops, lesson.stops[: lesson.at + 1]

    def count(of: tuple[Stop, ...], backward: bool) -> int:
        return sum(work(trace, stop) for stop in of if stop.kind.backward == backward)

    numbers = trace.params["W_hh"].shape[0] + sum(kept(trace, stop) for stop in so_far)
    st.markdown(
        f"Up to the quantity in view: **{count(so_far, False)}** of {count(stops, False)} multiplications forward, "
        f"**{count(so_far, True)}** of {count(stops, True)} backward; **{numbers}** numbers kept for the backward pass "
        f"({8 * numbers} bytes) of {most_kept(trace, stops, len(trace.xs))}."
    )
    st.markdown(text("memory"))
    lines = ["| window | numbers kept at once | length of dW_hh against full | turned by |", "|---|---|---|---|"]
    full = {"W_hh": trace.full.grads["W_hh"]}
    for window in range(1, len(trace.xs) + 1):
        cut = run(replace(lesson.config, truncation="block", window=window), trace.params).truncated
        share = f"{100 * cut.norms['W_hh'] / trace.full.norms['W_hh']:.1f} %" if trace.full.norms["W_hh"] else "both 0"
        turned = angle({"W_hh": cut.grads["W_hh"]}, full)
        degrees = f"{turned:.1f}°" if np.isfinite(turned) else "–"
        lines.append(f"| {window} | {most_kept(trace, stops, window)} | {share} | {degrees} |")
    st.markdown("\n".join(lines))


def how(lesson: Lesson) -> None:
    """The page's text."""
    st.markdown(text("by_hand"))


PARTS = {
    "Check the gradient": check,
    "Learn: one gradient step": learn,
    "Own weights": own_weights,
    "Memory and work": memory,
    "How to read this": how,
}

show()
