"""Your network: bring weights and a sequence; every page then works on them."""

from __future__ import annotations

import streamlit as st

from explorer import controls
from explorer.config import Config
from explorer.engine.own import Network
from explorer.figures.theme import number
from explorer.markdown import plain
from explorer.own import keeping
from explorer.own.read_network import LARGEST, read_network
from explorer.own.read_sequence import read_sequence
from explorer.run import run
from explorer.texts import text, words

PAGE = controls.Page("own", specs={})
MEGABYTES = LARGEST // 1_000_000
MOST_NAMED = 6  # arrays of a file that are not used


def show() -> None:
    """Two doors, what came in, and what it takes."""
    controls.open_page(PAGE)
    left, right = st.columns(2, gap="large")
    with left:
        door("network", words("own.weights"), ["npz", "safetensors", "pt", "pth"])
        st.caption(words("own.save"))
        st.markdown(text("own_save"))
    with right:
        door("reading", words("own.sequence"), ["npy", "csv", "txt"])
        st.caption(words("own.sequences"))
    network = keeping.held().get("network")
    if network is not None:
        arrays(network)
    st.markdown(text("own"))


def door(name: str, label: str, types: list[str]) -> None:
    """An uploader with what it said to the last file."""
    key = f"upload_{name}"
    st.file_uploader(label, types, key=key, max_upload_size=MEGABYTES, on_change=take, args=(name,))
    for sentence in st.session_state.get(f"{key}_refused", ()):
        st.error(plain(sentence))
    unused = st.session_state.get(f"{key}_unused")
    if unused:
        named = [
            *unused[:MOST_NAMED],
            *[words("own.others", number=len(unused) - MOST_NAMED)] * (len(unused) > MOST_NAMED),
        ]
        st.caption(plain(words("own.unused", arrays=", ".join(named))))


def take(name: str) -> None:
    """A file came in, or was taken away again."""
    key = f"upload_{name}"
    file, refused, unused = st.session_state[key], [], []
    if file is not None:
        try:
            if name == "network":
                brought, unused = read_network(file.getvalue(), file.name)
            else:
                brought = read_sequence(file.getvalue(), file.name, keeping.held().get("network"))
            keeping.load(brought)
        except ValueError as error:
            refused, unused = [words("own.refused", problem=f"{str(error)[:1].upper()}{str(error)[1:]}")], []
    st.session_state[f"{key}_refused"], st.session_state[f"{key}_unused"] = refused, unused


def arrays(network: Network) -> None:
    """The network in numbers."""
    lines = [words("own.parameters")]
    trace = run(Config(network=network))
    for name, W in trace.params.items():
        source = words("own.file" if name in network.params else "own.drawn")
        lines.append(f"| {name} | {' × '.join(map(str, W.shape))} | {number(float((W**2).sum() ** 0.5))} | {source} |")
    st.markdown("\n".join(lines))
    if network.cell == "rnn":
        st.markdown(words("own.rates", rho=number(trace.rho), sigma_max=number(trace.sigma_max)))
    st.markdown(words("own.go_on"))


show()
