"""Training: up to four variants of one setting learn side by side, and gradients decide what each of them learns."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

import streamlit as st

from explorer import controls
from explorer.config import DEFAULT, ConfigError
from explorer.controls import level
from explorer.crowd import by_itself, in_line, line
from explorer.engine.tasks import TASKS
from explorer.export.menu import Away, share_files
from explorer.figures.theme import Picture, steps
from explorer.figures.training_curves import accuracy, histogram, losses, norms, spectrum
from explorer.figures.training_maps import answers, gradients_over_updates, learnt_states
from explorer.lessons.trials import TRIALS
from explorer.live.mount import show_pictures
from explorer.live.turns import MOST, turns, who
from explorer.markdown import plain
from explorer.parts import Part, go_deeper
from explorer.specs import Choice, Number
from explorer.texts import text, words
from explorer.training.lab import Lab, begin
from explorer.training.recipe import RECIPE_SPECS, Recipe
from explorer.training_page import compared, own_text, surveys
from explorer.training_page.weights import look_closer, saved_weights

SLICE = 0.045  # seconds of work between two pictures
TICK, NEXT, WAITING = 0.06, 1.0, 2.5  # seconds between two runs of the live part: one's turn, the next, the others
NETWORK = ("cell", "activation", "hidden_size", "init", "weight_scale", "input_scale", "bias", "forget_bias")
GRADIENT = ("truncation", "window", "clip", "clip_at")
DATA = ("batch_size", "seed")
LEARNING = ("decay", "update", "symbols", "precision")
FIELDS = ("task", "text", "sequence_length", *NETWORK, *GRADIENT, *DATA)
WARMTH = tuple(n / 10 for n in range(21))
TEMPERATURE = Number("Temperature τ", "tau", "Of generated text: 0 says the most probable.", 0, 2, grid=WARMTH)
STEP = Number("Answer after step", "step", "Of the fixed sequence.", 1, 200, True, tuple(range(1, 201)))
BEGUN = Choice("", "begun", "Whether a run was begun at this address.", ("no", "yes"))
PAGE = controls.Page(
    "training",
    TRIALS["tanh | sigmoid"].config,
    controls.offered(*FIELDS),
    {
        **{name: controls.spec_extra(name, getattr(Recipe(), name), spec) for name, spec in RECIPE_SPECS.items()},
        "vary": compared.EXTRA,
        "step": controls.number_extra("step", 200, STEP),
        "tau": controls.number_extra("tau", 0.7, TEMPERATURE),
        "begun": controls.spec_extra("begun", "no", BEGUN),
    },
    lambda config: words("training.drawn"),
)


def page() -> None:
    """Settings, what is compared, the run."""
    if "go_to" in st.session_state:
        st.switch_page(st.session_state.pop("go_to"))
    controls.open_page(PAGE)
    settings()
    lab: Lab | None = st.session_state.get("lab")
    buttons(lab)
    if lab is None:
        st.info(words("training.gone" if controls.extra("begun") == "yes" else "training.press"))
    else:
        st.fragment(by_itself(live), run_every=rhythm(lab))()
        look_closer(lab)
    go_deeper("training", PARTS)


# ------------------------------------------------------------------------------------------------------- settings


def settings() -> None:
    """Task, length and learning in a row; what is compared beside the rest."""
    *columns, last = st.columns([2.4, 2, 1.2, 1.6, 1.4, 1, 1], vertical_alignment="bottom")
    with last:
        share_files(files)
    for column, name in zip(
        columns, ("task", "sequence_length", "optimiser", "learning_rate", "updates"), strict=False
    ):
        with column:
            controls.control(name)
    with columns[-1]:
        controls.more_control((NETWORK, GRADIENT + DATA, LEARNING))
    trials()
    level.say_what_is_hidden((*NETWORK, *GRADIENT, *DATA, *LEARNING))
    compared.widget()
    if controls.config().task == "text":
        own_text.widget()
    lag = TASKS[controls.config().task].lag
    if lag is not None:
        T = controls.config().sequence_length
        st.caption(words("training.lag", T=T, back=steps(lag(T))))


def trials() -> None:
    """Presets in one click; the one that is set is lit, and says what to look at."""

    def choose() -> None:
        if st.session_state["control_preset"]:
            trial = TRIALS[st.session_state["control_preset"]]
            extras = {name: getattr(trial.recipe, name) for name in RECIPE_SPECS}
            controls.use(replace(trial.config, text=controls.settings().text), vary=trial.vary, **extras)

    now = replace(controls.config(), text=DEFAULT.text), recipe(), controls.extra("vary")
    lit = next((name for name, trial in TRIALS.items() if (trial.config, trial.recipe, trial.vary) == now), None)
    st.session_state["control_preset"] = lit
    st.pills(words("controls.presets"), list(TRIALS), key="control_preset", on_change=controls.while_open(choose))
    if lit:
        st.caption(TRIALS[lit].text)


def recipe() -> Recipe:
    """The recipe among the page's extras."""
    return Recipe(**{name: controls.extra(name) for name in RECIPE_SPECS})


# ------------------------------------------------------------------------------------------------------- the run


def buttons(lab: Lab | None) -> None:
    """Train, pause or continue, step, stop."""
    state = lab.state if lab else "none"
    train, go, one, stop, note = st.columns([1, 1, 1, 1, 5], vertical_alignment="center")
    train.button(words("training.train"), on_click=start_run, width="stretch", help=words("training.train_help"))
    if state == "running":
        go.button(words("training.pause"), on_click=set_state, args=("paused",), width="stretch")
    else:
        diverged = lab is not None and all(v.fault for v in lab.variants)
        go.button(words("training.continue"), on_click=go_on, disabled=lab is None or diverged, width="stretch")
    one.button(words("training.one"), on_click=one_update, disabled=state != "paused", width="stretch")
    stop.button(
        words("training.stop"),
        on_click=set_state,
        args=("done",),
        disabled=state not in ("running", "paused"),
        width="stretch",
    )
    problem = st.session_state.pop("lab_problem", None)
    if problem:
        note.error(plain(problem))
    elif lab and (lab.config, lab.recipe, lab.vary) != (controls.config(), recipe(), controls.extra("vary")):
        note.caption(words("training.changed"))


@in_line()
def start_run() -> None:
    """A new run with the settings of now."""
    config = controls.config()
    try:
        st.session_state["lab"] = begin(
            config, recipe(), controls.extra("vary"), own_text.chosen(config), between=line().make_way
        )
        place = turns().ask(who(), time.monotonic())  # now: the page is then drawn once, with the buttons that it needs
        st.session_state["lab_place"] = MOST if place is None else place
        controls.set_extra("begun", "yes")
    except ConfigError as error:
        st.session_state["lab_problem"] = str(error)


def set_state(state: str) -> None:
    """Pause or stop; the place in the queue goes to the next."""
    st.session_state["lab"].state = state
    turns().leave(who())


def go_on() -> None:
    """Continue, also beyond the budget."""
    st.session_state["lab"].go_on()


def one_update() -> None:
    """A single update of every variant."""
    st.session_state["lab"].step()


def rhythm(lab: Lab) -> float | None:
    """Every how many seconds the live part runs. Who waits asks within the time of a lease."""
    if lab.state != "running":
        return None
    return (TICK, NEXT, WAITING)[min(st.session_state["lab_place"], 2)]


def live() -> None:
    """One slice of work if it is this session's turn, then the pictures of where the run stands."""
    lab: Lab = st.session_state["lab"]
    before = lab.state, rhythm(lab)
    if lab.state == "running":
        place = turns().ask(who(), time.monotonic())
        st.session_state["lab_place"] = MOST if place is None else place
        if place == 0:
            lab.slice(SLICE, line().let_pass)
        if lab.state == "done":
            turns().leave(who())
    waits = lab.state == "running" and st.session_state["lab_place"] > 0
    progress(lab, st.session_state["lab_place"] if waits else 0)
    if lab.number:
        line().let_pass()
        pictures(lab)
    if (lab.state, rhythm(lab)) != before:
        st.rerun()  # other buttons, another rhythm


def progress(lab: Lab, place: int) -> None:
    """How far it is, how fast, and how long it will take; or who is before."""
    done, rate = lab.number / lab.budget, lab.number / lab.seconds if lab.seconds else 0.0
    said = [words("training.update", number=lab.number, all=lab.budget)]
    if place >= MOST:
        said.append(words("training.full", others=MOST))
    elif place:
        said.append(words("training.waiting", others=place))
    elif lab.state == "running" and rate:
        said.append(words("training.rate", rate=rate, left=(lab.budget - lab.number) / rate))
    else:
        said.append(words(f"lab.{lab.state}"))
    said += [words("training.diverged", name=v.name, number=v.number) for v in lab.variants if v.fault]
    st.progress(min(done, 1.0), " · ".join(said))


def pictures(lab: Lab) -> None:
    """The board, and what the networks write."""
    task = TASKS[lab.config.task]
    drawn = drawn_now(lab, controls.extra("step"))
    state = f"{id(lab)} {lab.number} {controls.extra('step')}"
    show_pictures(
        "training_board", state, drawn, lab.variants[0].lesson.inputs, max(2, len(lab.variants)), lab.state == "running"
    )
    if task.symbols is not None:
        for column, variant in zip(st.columns(len(lab.variants)), lab.variants, strict=True):
            column.caption(words("training.writes", name=plain(variant.name), tau=controls.extra("tau")))
            column.code(variant.say(controls.extra("tau")), language=None, wrap_lines=True)


def drawn_now(lab: Lab, step: int) -> list[Picture]:
    """All pictures of where the run stands, with the answers after a step."""
    kinds = [losses, norms, gradients_over_updates, learnt_states, partial(answers, step=step), histogram, spectrum]
    if TASKS[lab.config.task].metric == "accuracy":
        kinds.insert(1, accuracy)
    drawn = []
    for picture in kinds:
        line().make_way()
        drawn.append(picture(lab))
    return drawn


def files(link: str) -> Away | None:
    """What can be taken away of the run, once there is one."""
    lab: Lab | None = st.session_state.get("lab")
    if lab is None or not lab.number:
        return None
    from explorer.export.training_files import training_files

    step = controls.extra("step")
    return training_files(lab, lambda: drawn_now(lab, step), link)


def how() -> None:
    """The page's text."""
    st.markdown(text("training"))


PARTS = (
    Part(words("parts.how"), how),
    Part(words("training.length"), surveys.widget, advanced=True),
    Part(words("training.saved"), saved_weights),
)

page()
