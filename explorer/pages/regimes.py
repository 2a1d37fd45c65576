"""Regimes: where gradients vanish and where they grow, over sequence length and weight scale, and by which rates."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

import streamlit as st

from explorer import controls
from explorer.config import Config, ConfigError
from explorer.crowd import by_itself
from explorer.elsewhere import elsewhere
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.records import RegimeMap
from explorer.engine.tasks import TASKS
from explorer.export.menu import View, share
from explorer.figures.activation_curves import activation_curves, family
from explorer.figures.classic import classic
from explorer.figures.iterated import iterated, iterated_slope
from explorer.figures.jacobian_fan import jacobian_fan
from explorer.figures.lyapunov import convergence
from explorer.figures.occupancy import occupancy
from explorer.figures.rates import rates
from explorer.figures.regime_map import EVERY, map_of_regimes
from explorer.figures.spectrum import spectrum
from explorer.lessons.presets import REGIME_PRESETS
from explorer.live.chart import chart
from explorer.live.frames import HASH, Stage
from explorer.live.mount import mount
from explorer.parts import Part, go_deeper
from explorer.run import AFTERWARDS, MAP_SCALES, MAP_SEEDS, compare, joined, next_seeds, regime_map
from explorer.specs import Choice, Number
from explorer.texts import text, words
from explorer.training_page.train_this import train_this

LONGEST = 200  # the longest T of the map
SLICE = 0.8  # seconds of work on the map per run of the page: the rest follows in later ones
FOLLOWED = 500  # steps over which Lyapunov exponents are followed
MOST_VISITED = 20
A = Number("Input a", "a", "Where φ and φ′ are read.", -6, 6, grid=tuple(round(0.1 * i, 1) for i in range(-60, 61)))
TIMES = Number("Applied n times", "times", "φ∘…∘φ.", 1, 12, True, tuple(range(1, 13)))

MORE = (("hidden_size", "init"), ("input_scale", "bias", "seed"))
TASK = controls.PAGE_SPECS["task"]
assert isinstance(TASK, Choice)


def parse_trail(written: str) -> tuple[tuple[int, float], ...]:
    """Points of the map from a URL: "80x3.2,120x5"."""
    specs, points = controls.PAGE_SPECS, []
    for point in written.split(",")[:MOST_VISITED]:
        T, _, scale = point.partition("x")
        try:
            points.append((specs["sequence_length"].parse("T", T), specs["weight_scale"].parse("scale", scale)))
        except ConfigError as error:
            raise ValueError(f"a point is written like 80x3.2 (T x scale): {error}") from error
    return tuple(points)


def write_trail(points: tuple[tuple[int, float], ...]) -> str:
    """The same for the URL."""
    return ",".join(f"{T}x{scale:g}" for T, scale in points)


PAGE = controls.Page(
    "regimes",
    Config(hidden_size=32, weight_scale=3),
    {
        **controls.offered("text", "weight_scale", "sequence_length", *MORE[0], *MORE[1]),
        "task": replace(TASK, options=tuple(name for name in TASK.options if TASKS[name].extends)),
    },
    {
        "show": controls.show_extra(ACTIVATIONS),  # rates and bounds are the vanilla cell's
        "trail": controls.Extra((), parse_trail, write_trail),
        "a": controls.number_extra("a", 1.0, A),
        "times": controls.number_extra("times", 6, TIMES),
    },
    lambda config: words("regimes.vanilla") if config.cell != "rnn" else "",
)


# ------------------------------------------------------------------------------------------------------ the map


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=HASH)
def one_seed(config: Config, show: tuple[str, ...]) -> RegimeMap:
    """The map of one seed; settings that it does not depend on have been taken out of `config`."""
    return regime_map(config, show, seeds=[config.seed])


def over_seeds(config: Config, show: tuple[str, ...]) -> RegimeMap:
    """The map of this seed and the next ones: all of them, or as many as a slice of work allows."""
    settings = replace(config, sequence_length=LONGEST, weight_scale=PAGE.default.weight_scale)
    began, maps = perf_counter(), []
    for seed in next_seeds(config.seed):
        maps.append(one_seed(replace(settings, seed=seed), show))
        if perf_counter() - began > SLICE:
            break
    return joined(maps)


@st.fragment(run_every=0.2)
@by_itself
def more_seeds(done: int) -> None:
    """Says how far the map is, and goes on with it as soon as the page has been drawn."""
    st.progress(done / MAP_SEEDS, words("regimes.seeds", done=done, all=MAP_SEEDS))
    if not st.session_state.pop("regimes_drawn", False):
        st.rerun()


def picked(cell: Any) -> None:
    """A cell of the map was clicked: [column, row]."""
    columns = LONGEST // EVERY
    whole = isinstance(cell, list) and len(cell) == 2 and all(type(n) is int for n in cell)
    if whole and 0 <= cell[0] < columns and 0 <= cell[1] < len(MAP_SCALES):
        st.session_state["regimes_opens"] = EVERY * (cell[0] + 1), MAP_SCALES[cell[1]]


def open_in_explore(T: int, scale: float) -> None:
    """Explore with this page's network at a point of the map, which joins the trail."""
    there = replace(controls.settings(), sequence_length=T, weight_scale=scale)
    controls.set_extra("trail", (*controls.extra("trail"), (T, scale))[-MOST_VISITED:])
    controls.send_to("explore", there, (*AFTERWARDS, "loss_at"), show=controls.extra("show"))
    st.switch_page("explorer/pages/explore.py")


# ------------------------------------------------------------------------------------------------------ the page

STAGE = Stage(
    (map_of_regimes, rates, spectrum, jacobian_fan),
    ("weight_scale", "sequence_length"),
    lambda config: 1.0 + config.hidden_size / 32,
    picked=picked,
)
VIEW = View(words("regimes.title"), STAGE.pictures, "regimes")
MICROSCOPE = Stage((activation_curves, iterated, iterated_slope, occupancy), ("a", "times"), verdicts=False)


def page() -> None:
    """Controls in a row, the board with the map, the way to Explore, then the parts."""
    controls.open_page(PAGE)
    if "regimes_opens" in st.session_state:
        open_in_explore(*st.session_state.pop("regimes_opens"))
    config, show = controls.config(), controls.extra("show")
    regimes = over_seeds(config, show)
    controls.header(REGIME_PRESETS, MORE, lambda: share(VIEW, also={"regimes": regimes}))
    mount("regimes_board", STAGE, (("regimes", regimes), ("trail", controls.extra("trail"))))
    if len(regimes.seeds) < MAP_SEEDS:
        st.session_state["regimes_drawn"] = True
        more_seeds(len(regimes.seeds))
    point = words("regimes.point", T=config.sequence_length, scale=config.weight_scale)
    if st.button(words("regimes.open", point=point), icon=":material/open_in_new:"):
        open_in_explore(config.sequence_length, config.weight_scale)
    elsewhere()
    train_this()
    go_deeper("regimes", PARTS, config, show)


# ------------------------------------------------------------------------------------------------------ the parts


def how(config: Config, show: tuple[str, ...]) -> None:
    """The page's text."""
    st.markdown(text("regimes"))


def exponents(config: Config, show: tuple[str, ...]) -> None:
    """Lyapunov exponents of a longer run."""
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        chart(convergence(compare(replace(config, sequence_length=FOLLOWED), show)), "regimes_lyapunov", 420)
    with right:
        st.markdown(text("lyapunov"))


def classic_figure(config: Config, show: tuple[str, ...]) -> None:
    """The figure of the book, and what it leaves out."""
    left, right = st.columns([1.7, 1], gap="large")
    with right:
        back = st.toggle(words("regimes.classic"), key="regimes_classic")
        st.markdown(text("classic"))
    with left:
        chart(classic(show if back else ()), "regimes_classic_figure", 380)


def microscope(config: Config, show: tuple[str, ...]) -> None:
    """Activations: a board of its own, whose sliders are the input and how often φ is applied."""
    mount("regimes_microscope", MICROSCOPE)
    left, right = st.columns(2, gap="large")
    with left:
        chart(family(), "regimes_family")
    with right:
        st.markdown(text("activations"))


PARTS = (
    Part(words("parts.how"), how),
    Part(words("regimes.lyapunov"), exponents, advanced=True),
    Part(words("regimes.classic_figure"), classic_figure, advanced=True),
    Part(words("regimes.activations"), microscope),
)

page()
