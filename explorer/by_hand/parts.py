"""The parts below the network: gradient check, learning, own weights, memory and work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st

from explorer import controls, typed_weights
from explorer.config import Config
from explorer.engine.checks import difference_quotients
from explorer.engine.clipping import angle
from explorer.engine.losses import perplexity
from explorer.engine.records import Trace
from explorer.figures.costs import kept, most_kept, work
from explorer.figures.descent import descent_curve, target_probability
from explorer.figures.gradient_check import gradient_check
from explorer.figures.theme import number
from explorer.figures.walk import Stop, row
from explorer.live.chart import chart
from explorer.markdown import plain
from explorer.run import loss_of, run
from explorer.specs import Number
from explorer.texts import text

MOST_UPDATES = 200
EPSILONS = tuple(10.0**-n for n in range(1, 16))
RATE = Number("Learning rate η", "rate", "W ← W − η dW", 0.001, 10)


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
