"""Weights that somebody typed: to and from the URL, into a network, and the table to type them in."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer import controls, markdown
from explorer.browser import IN_BROWSER
from explorer.engine.cells import Params
from explorer.engine.records import Trace
from explorer.specs import plain
from explorer.texts import words

NAMES = ("W_xh", "W_hh", "b_h", "W_hy", "b_y")
LARGEST = 100.0
Typed = dict[str, tuple[tuple[float, ...], ...]]


def write(typed: Typed) -> str:
    """{"W_hh": ((0.5, 0), (0, 1))} → "W_hh:0.5,0;0,1"."""
    return "|".join(
        name + ":" + ";".join(",".join(plain(x) for x in line) for line in rows) for name, rows in typed.items()
    )


def parse(value: str) -> Typed:
    """The inverse of `write`; ValueError with a sentence."""
    typed = {}
    for part in value.split("|"):
        name, _, body = part.partition(":")
        if name not in NAMES:
            raise ValueError(f"{name[:20]!r} is not a weight: choose from {', '.join(NAMES)}")
        try:
            rows = tuple(tuple(float(x) for x in line.split(",")) for line in body.split(";"))
        except ValueError:
            raise ValueError(f"{name} holds something that is not a number: write rows as 1,2;3,4") from None
        typed[name] = rows
        check(name, rows)
    return typed


def check(name: str, rows: tuple[tuple[float, ...], ...]) -> None:
    """ValueError unless the rows are equally long and hold numbers within the limits."""
    if len({len(line) for line in rows}) != 1:
        raise ValueError(f"{name} has rows of different lengths: write as many numbers in each")
    if not all(abs(x) <= LARGEST for line in rows for x in line):  # NaN is not ≤ anything
        raise ValueError(f"{name} holds a number outside −{LARGEST:g}…{LARGEST:g}: choose smaller ones")


def put_in(drawn: Trace, typed: Typed) -> tuple[Params, list[str]]:
    """The drawn weights with the typed ones in their place, and a sentence for each that does not fit the network."""
    params, dropped = dict(drawn.params), []
    for name, rows in typed.items():
        values, shape = np.array(rows), np.atleast_2d(params[name]).shape
        if values.shape == shape:
            params[name] = values.reshape(params[name].shape)
        else:
            have, need = ("×".join(map(str, s)) for s in (values.shape, shape))
            dropped.append(words("loaded.typed_shape", name=name, have=have, need=need))
    return params, dropped


def editor(name: str, values: np.ndarray) -> None:
    """A table to type one weight matrix in; a change takes effect at once."""
    rows = np.atleast_2d(values).tolist()
    if IN_BROWSER:
        return lines(name, rows)
    table = {str(j + 1): list(column) for j, column in enumerate(zip(*rows, strict=True))}
    number = st.column_config.NumberColumn(min_value=-LARGEST, max_value=LARGEST, format="%.4g", required=True)
    key = f"typed_{name}_{hash(str(rows))}"  # a new table after every change: it starts from what holds now
    st.data_editor(
        table,
        key=key,
        column_config=dict.fromkeys(table, number),
        hide_index=True,
        width="content",
        on_change=take,
        args=(name, rows, key),
    )


def lines(name: str, rows: list[list[float]]) -> None:
    """The same as text, where there are no tables to type in: stlite 1.9 has them, but they fail."""
    key = f"typed_{name}_{hash(str(rows))}"
    written = "\n".join(", ".join(plain(x) for x in line) for line in rows)
    st.text_area(
        words("by_hand.weights_rows", name=name), written, key=key, on_change=take_lines, args=(name, rows, key)
    )
    if problem := st.session_state.pop("typed_problem", None):
        st.error(markdown.plain(problem))


def take_lines(name: str, rows: list[list[float]], key: str) -> None:
    """Put the lines into the page's settings, if they are as many numbers as the matrix has."""
    try:
        typed = parse(f"{name}:" + ";".join(st.session_state[key].strip().splitlines()))[name]
        if (len(typed), len(typed[0])) != (len(rows), len(rows[0])):
            raise ValueError(f"{name} needs {len(rows)} rows of {len(rows[0])} numbers: write as many")
    except ValueError as error:
        st.session_state["typed_problem"] = str(error)
        return
    controls.set_extra("weights", {**controls.extra("weights"), name: typed})


def take(name: str, rows: list[list[float]], key: str) -> None:
    """Put what was typed into the page's settings."""
    for i, edits in st.session_state[key]["edited_rows"].items():
        for column, value in edits.items():
            if isinstance(value, (int, float)) and abs(value) <= LARGEST:
                rows[int(i)][int(column) - 1] = float(value)
    controls.set_extra("weights", {**controls.extra("weights"), name: tuple(map(tuple, rows))})
