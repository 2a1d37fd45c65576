"""A session's own network and own sequence: every page works on them until they are let go.

load(network)        from here on `controls.config()` holds it, and with it every run, picture and cache key
held()               {"network": …, "reading": …}, what Config is told
fixed()              the controls that have nothing to say meanwhile, and why
banner(…)            the line on every page that names what is loaded, with the button that lets it go
"""

from __future__ import annotations

import streamlit as st

from explorer.config import Config, check_together
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.own import Network, Reading
from explorer.engine.tasks import TASKS
from explorer.markdown import plain
from explorer.texts import words

HELD = ("network", "reading")


def held() -> dict[str, Network | Reading]:
    """What is loaded, under the names that Config gives it."""
    return {name: st.session_state[name] for name in HELD if st.session_state.get(name) is not None}


def load(brought: Network | Reading) -> None:
    """Every page works on it from now on. ConfigError, and nothing changes, where it cannot be used."""
    name = "network" if isinstance(brought, Network) else "reading"
    together = held() | {name: brought}
    if len(together) == 2:
        check_together(together["network"], together["reading"])
    Config(**{name: brought})
    st.session_state[name] = brought


def let_go(name: str) -> None:
    """Back to drawn weights, or to the page's task."""
    st.session_state[name] = None


def fixed() -> dict[str, str]:
    """Controls that the loaded network or sequence decides, with the reason."""
    reasons = {}
    if "network" in held():
        fields = ("cell", "hidden_size", "init", "bias", "forget_bias")
        reasons |= dict.fromkeys(fields, words("loaded.network_decides"))
        if CELLS[held()["network"].cell].gated:
            reasons["show"] = words("loaded.network_gated")
    if "reading" in held():
        reasons |= dict.fromkeys(("task", "text"), words("loaded.sequence_decides"))
    return reasons


def comparable(show: tuple[str, ...], used: Config) -> tuple[str, ...]:
    """Of the variants `show`, those that the loaded network can be: its own cell, or its weights under each φ."""
    if used.network is None:
        return show
    if CELLS[used.cell].gated:
        return (used.cell,)
    return tuple(name for name in show if name in ACTIVATIONS) or ("tanh",)


def banner(settings: Config, used: Config, refusal: str) -> None:
    """One line for what is loaded. `settings` is what the controls ask for, `used` what the page runs."""
    for name, brought in held().items():
        sentence = refusal or (says(settings, used) if name == "network" else reads(brought))
        line, button = st.columns([9, 1], vertical_alignment="center")
        line.markdown(f":material/upload_file: **{plain(brought.name)}** · {plain(sentence)}")
        button.button(words("loaded.let_go"), key=f"let_go_{name}", on_click=let_go, args=(name,), type="tertiary")


def says(settings: Config, used: Config) -> str:
    """What the network is, and what it reads if it cannot read the chosen task."""
    network = used.network
    answers = words("loaded.outputs", outputs=network.outputs) if network.outputs else words("loaded.no_outputs")
    sizes = {"cell": CELLS[network.cell].title, "inputs": network.inputs, "hidden": network.hidden}
    sentences = [words("loaded.network", answers=answers, **sizes), words("loaded.scales")]
    if used.task != settings.task and used.reading is None:
        sentences.insert(1, words("loaded.noise", task=TASKS[settings.task].title))
    return " ".join(sentences)


def reads(reading: Reading) -> str:
    """What the sequence is."""
    asked = words("loaded.targets" if reading.targets is not None else "loaded.no_targets")
    return words("loaded.sequence", steps=len(reading.xs), inputs=reading.inputs, asked=asked)
