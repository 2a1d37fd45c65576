"""Gradient flow: the T×T picture of which loss reaches which step, and what every truncation leaves of it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer import controls
from explorer.config import Config
from explorer.elsewhere import elsewhere
from explorer.engine.clipping import angle
from explorer.engine.truncation import TRUNCATIONS
from explorer.export.menu import View, share
from explorer.figures.costs import cost
from explorer.figures.factor import factor
from explorer.figures.flow_matrix import flow_matrix
from explorer.figures.lags import lags
from explorer.figures.randomised import randomised
from explorer.figures.received import received
from explorer.figures.row_and_column import row_and_column
from explorer.figures.theme import Picture, number
from explorer.figures.total_by_lag import total_by_lag
from explorer.figures.windows import losses, over_seeds, weight_share, window_curves
from explorer.lessons.presets import FLOW_PRESETS
from explorer.live.chart import chart
from explorer.live.frames import HASH, Stage
from explorer.live.mount import mount
from explorer.parts import Part, go_deeper
from explorer.run import compare, under_windows, with_reset
from explorer.specs import Number
from explorer.texts import text, words

MORE = (("hidden_size", "init", "truncation", "batch_size"), ("input_scale", "bias", "forget_bias", "loss_at", "seed"))
LONGEST = tuple(range(2, 501))
STEP = Number("Chosen step", "step", "The step whose row and column are shown.", 1, 500, True, LONGEST)
PAGE = controls.Page(
    "flow",
    Config(loss_at="every", hidden_size=32),
    {
        **controls.offered("task", "text", "weight_scale", *MORE[0], *MORE[1]),
        "sequence_length": replace(controls.PAGE_SPECS["sequence_length"], high=500, grid=LONGEST),
        "batch_size": replace(controls.PAGE_SPECS["batch_size"], high=2),  # the sweep takes T times the work of a run
        "window": replace(controls.PAGE_SPECS["window"], high=500, grid=(1, *LONGEST)),
    },
    {"show": controls.SHOW, "step": controls.number_extra("step", 30, STEP)},
)
STAGE = Stage(
    (flow_matrix, row_and_column, total_by_lag, received),
    ("weight_scale", "sequence_length", "window", "step"),
    lambda config: config.sequence_length / 12,
)

VIEW = View(words("flow.title"), STAGE.pictures, "flow")


def page() -> None:
    """Controls in a row, then the board."""
    controls.open_page(PAGE)
    controls.header(FLOW_PRESETS, MORE, lambda: share(VIEW))
    mount("flow_board", STAGE)
    elsewhere()
    go_deeper("flow", PARTS, controls.config(), controls.extra("show"))


# ------------------------------------------------------------------------------------------------------ the parts


def how(config: Config, show: tuple[str, ...]) -> None:
    """The page's text."""
    st.markdown(text("flow"))


def by_lag(config: Config, show: tuple[str, ...]) -> None:
    """The diagonals."""
    T = config.sequence_length
    lag = st.slider(words("flow.lag"), 0, max(T - 1, 1), min(10, T - 1), key=f"flow_lag_{T}")
    traces = compare(config, show)
    left, right = st.columns(2, gap="large")
    with left:
        chart(lags(traces, lag), "flow_lags")
    with right:
        chart(weight_share(traces), "flow_share")


def what_is_lost(config: Config, show: tuple[str, ...]) -> None:
    """Length and direction over the window, and the cost."""
    kinds = [kind for kind in TRUNCATIONS if kind != "full"]
    now = config.truncation if config.truncation in kinds else "block"
    kind = st.segmented_control(words("flow.truncation"), kinds, default=now, key=f"flow_kind_{now}") or now
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        chart(lost_over_windows(config, show, kind), "flow_windows", 400)
    with right:
        st.markdown(costs(config, show))
        st.markdown(carried_or_reset(config, show))
        st.markdown(text("costs"))


def costs(config: Config, show: tuple[str, ...]) -> str:
    """What every truncation costs, for each kind of cell that is shown."""
    lines = [words("flow.costs")]
    by_cell = {trace.cell.title: trace for trace in compare(config, show).values()}
    for title, trace in by_cell.items():
        for kind in TRUNCATIONS:
            spent, name = cost(trace, kind), kind if len(by_cell) == 1 else f"{title}, {kind}"
            lines.append(f"| {name} | {spent.kept:,} | {spent.bytes:,} | {spent.back:,} |")
    return "\n".join(lines)


def carried_or_reset(config: Config, show: tuple[str, ...]) -> str:
    """What resetting the state at block edges does instead of carrying it on."""
    lines = [words("flow.edges", window=config.window)]
    for name, trace in compare(config, show).items():
        (carried,), (loss, reset) = under_windows(trace, "block", [config.window]), with_reset(trace, config.window)
        for state, at, cut in (("flow.carried", trace.loss, carried), ("flow.reset", loss, reset)):
            turned = angle({"W_hh": trace.full.grads["W_hh"]}, {"W_hh": cut.grads["W_hh"]})
            length = number(cut.norms["W_hh"] / trace.full.norms["W_hh"], 2) if trace.full.norms["W_hh"] else "–"
            share = words("flow.share_of_full", length=length)
            lines.append(f"| {words(state, name=name)} | {number(at)} | {share} | {number(turned, 2)}° |")
    return "\n".join(lines)


@st.cache_resource(max_entries=24, show_spinner=words("flow.seeds"), hash_funcs=HASH)
def lost_over_windows(config: Config, show: tuple[str, ...], kind: str) -> Picture:
    """The curves for this seed and the next ones; fewer seeds where a run is long."""
    seeds = 8 if config.sequence_length * config.hidden_size <= 4_000 else 3
    runs = over_seeds(config, show, seeds)
    return window_curves({name: losses(traces, kind) for name, traces in runs.items()}, kind, config.window)


def one_factor(config: Config, show: tuple[str, ...]) -> None:
    """One step's Jacobian, at the chosen step."""
    chart(factor(compare(config, show), controls.extra("step")), "flow_factor")


def random_samples(config: Config, show: tuple[str, ...]) -> None:
    """Samples of the randomised estimator."""
    n = st.select_slider(words("flow.samples"), (4, 16, 64, 256), 64, key="flow_samples")
    chart(randomised(compare(config, show), n), "flow_randomised")


PARTS = (
    Part(words("parts.how"), how),
    Part(words("flow.by_lag"), by_lag, advanced=True),
    Part(words("flow.lost"), what_is_lost, advanced=True),
    Part(words("flow.factor"), one_factor, advanced=True),
    Part(words("flow.randomised"), random_samples, advanced=True),
)

page()
