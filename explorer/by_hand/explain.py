"""The quantity in view: its formula, its numbers, one entry of it, the engine's own line."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import streamlit as st

from explorer.engine.records import Trace
from explorer.figures.latex import matrix
from explorer.figures.theme import number
from explorer.figures.walk import Stop, chain, row
from explorer.markdown import plain
from explorer.texts import words


def explain(trace: Trace, stops: tuple[Stop, ...], look: str, entry: tuple[int, int] | None) -> None:
    """What is being looked at, with its formula and numbers."""
    found = next((stop for stop in stops if stop.key == look), None)
    if found:
        explain_stop(found, entry)
    elif look.startswith("flow:"):
        explain_chain(trace, *(int(n) for n in look.removeprefix("flow:").split(",")))
    elif look in trace.params:
        st.markdown(words("by_hand.given", name=look))
        st.latex(latex_name(look) + " = " + matrix(row(trace.params[look])))
    else:
        st.markdown(words("by_hand.input"))


def explain_stop(stop: Stop, entry: tuple[int, int] | None) -> None:
    """Formula, numbers, the entry that was clicked, and the engine's line."""
    phase = words("by_hand.backward" if stop.kind.backward else "by_hand.forward", step=stop.t)
    st.markdown(words("by_hand.at_stop", phase=phase, title=plain(stop.title)))
    st.latex(stop.symbols)
    lines = r" \\ &\quad ".join(stop.numbers)
    st.latex(
        size_for(stop.numbers) + r"\begin{aligned} &\quad " + lines + r" \\ &= " + matrix(stop.value) + r"\end{aligned}"
    )
    if entry and entry[0] < stop.value.shape[0] and entry[1] < stop.value.shape[1]:
        i, j = entry
        if stop.value.shape[0] == 1:
            st.markdown(words("by_hand.entry", column=j + 1))
        else:
            st.markdown(words("by_hand.entry_of_matrix", row=i + 1, column=j + 1))
        st.latex(r"\small " + stop.entry(i, j) + f" = {matrix(stop.value[i : i + 1, j : j + 1])}")
    else:
        st.caption(words("by_hand.no_entry"))
    line, function = stop.source()
    if st.toggle(words("by_hand.code"), key="by_hand_code"):
        st.code(line, language="python")
        with st.expander(words("by_hand.function")):
            st.code(function, language="python")


def explain_chain(trace: Trace, t: int, k: int) -> None:
    """One entry of the T×T matrix: the chain of factors, written out."""
    symbols, lines, value, product = chain(trace, t, k)
    st.markdown(words("by_hand.chain", t=t, k=k, norm=number(float(np.linalg.norm(value)))))
    st.latex(symbols)
    size = size_for(lines)
    st.latex(size + r"\begin{aligned} &" + r" \\ &\quad ".join(lines) + r" \\ &= " + matrix(value) + r"\end{aligned}")
    if k < t:
        st.latex(size + rf"\frac{{\partial h_{t}}}{{\partial h_{k}}} = \prod = " + matrix(product))
        st.caption(words("by_hand.chain_product"))
    if not trace.loss_mask[t - 1]:
        st.caption(words("by_hand.no_loss", t=t))


def size_for(lines: Sequence[str]) -> str:
    """The LaTeX size in which the widest line of matrices fits its column."""
    first_rows = [[m.split(r"\\")[0] for m in re.findall(r"\\begin\{bmatrix\}(.*?)\\end", line)] for line in lines]
    columns = max(sum(row.count("&") + 1 for row in rows) for rows in first_rows)
    return r"\small " if columns <= 6 else r"\footnotesize " if columns <= 7 else r"\scriptsize "


def latex_name(name: str) -> str:
    """W_hh → W_{hh}."""
    letter, index = name.split("_")
    return f"{letter}_{{{index}}}"
