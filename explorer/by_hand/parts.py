"""The parts below the network: gradient check, learning, own weights, memory and work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st

from explorer import controls
from explorer.by_hand import typed_weights
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
from explorer.parts import Part
from explorer.run import loss_of, run
from explorer.specs import Number
from explorer.texts import text, words

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
        label, names = words("by_hand.check_matrix"), list(trace.params)
        name = st.segmented_control(label, names, default="W_hh", key="check_name") or "W_hh"
        shape = row(trace.params[name]).shape
        one, two = st.columns(2)
        i = one.selectbox(words("by_hand.row"), range(1, shape[0] + 1), key=f"check_row_{name}_{shape}") - 1
        j = two.selectbox(words("by_hand.column"), range(1, shape[1] + 1), key=f"check_column_{name}_{shape}") - 1
        eps = st.select_slider("ε", EPSILONS, EPSILONS[4], format_func=lambda e: number(e, 1), key="check_eps")
        index = (i, j) if trace.params[name].ndim == 2 else (j,)
        quotients = difference_quotients(partial(loss_of, lesson.config), trace.params, name, index, np.array(EPSILONS))
        gradient = float(trace.full.grads[name][index])
        n = EPSILONS.index(eps)
        at_eps = {name: getattr(quotients, name)[n] for name in ("nudged", "central", "forward", "complex_step")}
        st.markdown(words("by_hand.quotients", loss=quotients.loss, gradient=gradient, **at_eps))
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
            label = words("by_hand.one_step" if n == 1 else "by_hand.steps", n=n) if n > 0 else words("by_hand.again")
            full = done + n > MOST_UPDATES
            column.button(label, on_click=step, args=(n,), width="stretch", disabled=full, key=f"learn_{label}")
        mean = trace.loss / trace.loss_mask.sum()
        target = plain(trace.classes[trace.targets[-1, 0]])
        learnt = {"loss": mean, "perplexity": perplexity(mean), "probability": target_probability(trace)}
        learnt = {name: number(value) for name, value in learnt.items()}
        st.markdown(words("by_hand.learnt", target=target, done=done, most=MOST_UPDATES, **learnt))
        st.markdown(text("perplexity"))
    with right:
        chart(descent_curve(lesson.history), "learn_picture", 330)


def step(n: int) -> None:
    """n more updates (negative: back to the start); everything on the page is then the network after them."""
    controls.set_extra("updates", controls.extra("updates") + n)


def own_weights(lesson: Lesson) -> None:
    """Type weights into a table."""
    start = lesson.history[0].params
    name = st.segmented_control(words("by_hand.weights_matrix"), list(start), default="W_hh", key="own_name") or "W_hh"
    st.caption(words("by_hand.weights_hint"))
    typed_weights.editor(name, start[name])
    if controls.extra("weights"):
        st.button(words("by_hand.weights_back"), on_click=controls.set_extra, args=("weights", {}))


def memory(lesson: Lesson) -> None:
    """What the walk has cost so far, and what truncation would save and lose."""
    trace, stops, so_far = lesson.trace, lesson.stops, lesson.stops[: lesson.at + 1]

    def count(of: tuple[Stop, ...], backward: bool) -> int:
        return sum(work(trace, stop) for stop in of if stop.kind.backward == backward)

    numbers = trace.params["W_hh"].shape[0] + sum(kept(trace, stop) for stop in so_far)
    spent = {"forward": count(so_far, False), "backward": count(so_far, True), "numbers": numbers, "bytes": 8 * numbers}
    spent |= {"all_forward": count(stops, False), "all_backward": count(stops, True)}
    st.markdown(words("by_hand.spent", most=most_kept(trace, stops, len(trace.xs)), **spent))
    st.markdown(text("memory"))
    lines, both_0 = [words("by_hand.windows")], words("by_hand.both_0")
    full = {"W_hh": trace.full.grads["W_hh"]}
    for window in range(1, len(trace.xs) + 1):
        cut = run(replace(lesson.config, truncation="block", window=window), trace.params).truncated
        share = f"{100 * cut.norms['W_hh'] / trace.full.norms['W_hh']:.1f}%" if trace.full.norms["W_hh"] else both_0
        turned = angle({"W_hh": cut.grads["W_hh"]}, full)
        degrees = f"{turned:.1f}°" if np.isfinite(turned) else "–"
        lines.append(f"| {window} | {most_kept(trace, stops, window)} | {share} | {degrees} |")
    st.markdown("\n".join(lines))


def how(lesson: Lesson) -> None:
    """The page's text."""
    st.markdown(text("by_hand"))


PARTS = (
    Part(words("by_hand.how"), how),
    Part(words("by_hand.check"), check, advanced=True),
    Part(words("by_hand.learn"), learn),
    Part(words("by_hand.weights"), own_weights, advanced=True),
    Part(words("by_hand.memory"), memory, advanced=True),
)
