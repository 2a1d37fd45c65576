"""Clipping: what it does to a gradient, which threshold to take, and the wall that it is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import streamlit as st

from explorer import controls
from explorer.config import Config, variant
from explorer.controls import number_extra
from explorer.crowd import by_itself, line
from explorer.elsewhere import elsewhere
from explorer.engine.clipping import clip_by_global_norm
from explorer.engine.one_unit import descend
from explorer.engine.records import Trace
from explorer.export.menu import View, share
from explorer.figures.clipped_flow import flow_before_and_after, handed_in
from explorer.figures.clippers import at_this_threshold, each_kind
from explorer.figures.landscape import landscape_film
from explorer.figures.norms import BAND, norm_trace, share_above, share_clipped
from explorer.figures.overflow import overflow_table
from explorer.figures.theme import Film, number
from explorer.figures.wall import B_RANGE, W_RANGE, wall
from explorer.lessons.presets import CLIPPING_PRESETS
from explorer.live.chart import chart
from explorer.live.frames import HASH, Stage
from explorer.live.mount import mount
from explorer.live.player import player
from explorer.parts import Part, go_deeper
from explorer.run import landscape, run, updates
from explorer.specs import Number, preferred
from explorer.texts import text, words

MORE = (("hidden_size", "init", "truncation", "window", "batch_size"), ("input_scale", "bias", "loss_at", "seed"))
RATE = Number("Learning rate η", "rate", "An update is −η times the gradient.", 1e-4, 10, grid=preferred(0.001, 10))
WALL = {
    "w": (5.5, Number("Start w", "w", "Weight of the unit that feeds itself.", *W_RANGE)),
    "b": (-2.6, Number("Start b", "b", "Its bias.", *B_RANGE)),
    "wall_rate": (0.2, Number("η here", "wall_rate", "Learning rate of both descents.", 0.001, 1)),
    "wall_clip": (0.5, Number("Threshold here", "wall_clip", "Largest ‖∇E‖ let through.", 0.001, 100)),
}
PAGE = controls.Page(
    "clipping",
    CLIPPING_PRESETS["clipping at work"].config,
    {
        **controls.offered("task", "text", "weight_scale", "sequence_length", *MORE[0], *MORE[1]),
        "batch_size": replace(controls.PAGE_SPECS["batch_size"], high=4),  # a link must not cost more than seconds
        "clip_at": replace(controls.PAGE_SPECS["clip_at"], low=1e-3, high=1e3, grid=preferred(1e-3, 1e3)),
    },
    {
        "show": replace(controls.SHOW, default=("tanh",)),
        "rate": number_extra("rate", 0.1, RATE),
        **{name: number_extra(name, start, spec) for name, (start, spec) in WALL.items()},
    },
)
STAGE = Stage(
    (each_kind, at_this_threshold, flow_before_and_after, handed_in),
    ("clip_at", "weight_scale", "sequence_length", "rate"),
    lambda config: config.sequence_length / 8,
)
VIEW = View(words("clipping.title"), STAGE.pictures, "clipping")
UPDATES = 200  # of the training run whose norms are shown
DESCENT = 60  # updates down to the wall


def page() -> None:
    """Controls in a row, then the board, then the parts."""
    controls.open_page(PAGE)
    controls.header(CLIPPING_PRESETS, MORE, lambda: share(VIEW))
    mount("clipping_board", STAGE)
    elsewhere()
    go_deeper("clipping", PARTS, variant(controls.config(), network()))


def network() -> str:
    """The activation (or cell) that the parts speak of, where several are compared."""
    show = controls.extra("show")
    if len(show) == 1:
        return show[0]
    return (
        st.segmented_control(words("clipping.network"), show, default=show[0], key=f"clipping_network_{show}")
        or show[0]
    )


# ------------------------------------------------------------------------------------------------------ the parts


def how(config: Config) -> None:
    """The page's text."""
    st.markdown(text("clipping"))


def which_threshold(config: Config) -> None:
    """The norms of a short training run, and what a threshold would clip of them."""
    ways = {words("clipping.without"): "none", words("clipping.clipped"): "norm"}
    way = st.segmented_control(words("clipping.train"), list(ways), key="clipping_train", default=next(iter(ways)))
    clip = ways.get(way, "none")
    fixed = config.clip_at if clip == "norm" else 1.0  # without clipping, the threshold changes no training
    training = training_of(replace(config, clip=clip, clip_at=fixed), controls.extra("rate"))
    if training.running:
        st.fragment(by_itself(lambda: more_training(training, config)), run_every=0.1)()
    else:
        what_came_of(training, config)


class Training:
    """A training run under way: its norms so far, and where it goes on."""

    def __init__(self, config: Config, rate: float):
        self.key = config, rate
        self.norms: list[float] = []
        self.running = True
        self._more: Iterator[Trace] = updates(config, rate)

    def advance(self, n: int) -> None:
        """Up to n more updates."""
        for _ in range(min(n, UPDATES - len(self.norms))):
            trace = next(self._more, None)
            if trace is None or not np.isfinite(trace.used.norm):
                self.running = False
                return
            self.norms.append(trace.used.norm)
        self.running = len(self.norms) < UPDATES

    def stop(self) -> None:
        """No further updates."""
        self.running = False


def training_of(config: Config, rate: float) -> Training:
    """The session's training run; a new one where the settings are others."""
    training = st.session_state.get("clipping_training")
    if training is None or training.key != (config, rate):
        training = st.session_state["clipping_training"] = Training(config, rate)
    return training


def more_training(training: Training, config: Config) -> None:
    """A slice of training, after all who are in line, and how far it is."""
    line().let_pass()
    training.advance(max(1, 20_000 // (config.sequence_length * config.hidden_size * config.batch_size)))
    done = len(training.norms)
    st.progress(done / UPDATES, words("clipping.progress", done=done, all=UPDATES, rate=number(controls.extra("rate"))))
    st.button(words("clipping.stop"), on_click=training.stop)
    if not training.running:
        st.rerun()


def what_came_of(training: Training, config: Config) -> None:
    """The norms, the thresholds that they suggest, and a button for each."""
    norms = np.array(training.norms)
    if len(norms) < UPDATES:
        st.info(words("clipping.ended", done=len(norms), all=UPDATES))
    if len(norms) < 2 or not norms.any():
        return
    left, right = st.columns(2, gap="large")
    with left:
        chart(norm_trace(norms, config.clip_at), "clipping_trace")
    with right:
        chart(share_clipped(norms, config.clip_at), "clipping_share")
    for column, times in zip(st.columns(4), (BAND[0], 1.0, BAND[1]), strict=False):
        spec = PAGE.specs["clip_at"]
        at = float(np.clip(float(f"{times * norms.mean():.2g}"), spec.low, spec.high))
        label = words("clipping.use", times=times, at=number(at, 2), share=share_above(norms, at))
        column.button(label, on_click=controls.update, kwargs={"clip_at": at}, width="stretch", key=f"use_{times}")
    st.markdown(text("threshold"))


def the_wall(config: Config) -> None:
    """The error surface of one unit, and descents on it from a start that is clicked or typed."""
    for column, (name, step) in zip(
        st.columns(4), (("w", 0.1), ("b", 0.1), ("wall_rate", 0.05), ("wall_clip", 0.1)), strict=True
    ):
        with column:
            controls.control(name, step=step, format="%.4g")
    player("clipping_wall", wall_film(*(controls.extra(name) for name in WALL)), start_here)
    st.markdown(text("wall"))


@st.cache_resource(max_entries=24, show_spinner=False)
def wall_film(w: float, b: float, rate: float, threshold: float) -> Film:
    """Both descents, with everything the player shows."""

    def clip(g: np.ndarray) -> np.ndarray:
        return clip_by_global_norm({"w, b": g}, threshold)["w, b"]

    return wall(descend(w, b, DESCENT, rate), descend(w, b, DESCENT, rate, clip), rate, threshold)


def start_here() -> None:
    """A click on the map."""
    event = controls.event_of("clipping_wall")
    controls.update_extra("w", event.get("x"))
    controls.update_extra("b", event.get("y"))


def your_wall(config: Config) -> None:
    """The loss around the present weights."""
    reach = st.select_slider(
        words("clipping.reach"), (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0), 0.3, key="clipping_reach"
    )
    film = landscape_of(config, reach, controls.extra("rate"))
    if film is None:
        st.info(words("clipping.no_direction"))
        return
    player("clipping_landscape", film, lambda: None)
    st.markdown(text("landscape"))


@st.cache_resource(max_entries=24, show_spinner=words("clipping.landscape"), hash_funcs=HASH)
def landscape_of(config: Config, reach: float, rate: float) -> Film | None:
    """The picture around a Config's network, or None where it has no gradient."""
    trace = run(config)
    if not np.isfinite(trace.full.norm) or not trace.full.norm:
        return None
    return landscape_film(trace, landscape(trace, reach), rate, config.clip_at)


def overflow(config: Config) -> None:
    """The run's gradient in float32, clipped naively and safely."""
    st.markdown(overflow_table(run(config), config.clip_at))
    st.markdown(text("overflow"))


PARTS = (
    Part(words("parts.how"), how),
    Part(words("clipping.threshold"), which_threshold),
    Part(words("clipping.wall"), the_wall),
    Part(words("clipping.your_wall"), your_wall, advanced=True),
    Part(words("clipping.overflow"), overflow, advanced=True),
)

page()
