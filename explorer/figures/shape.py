"""What the Shapes page says and shows of one example: its longest path, and how losses reach states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.engine.shapes import Shape
from explorer.engine.shapes.looking import Look
from explorer.figures.kinds import SUBSCRIPT
from explorer.figures.theme import number, power, steps


@dataclass(frozen=True, eq=False)
class Matrix:
    """log10s (C, R, K): after each of C updates, ‖∂L_t/∂s_k‖ for R losses (rows) and K states (columns)."""

    title: str
    rows: list[str]
    columns: list[str]
    log10s: np.ndarray


def lowered(letter: str, step: int) -> str:
    """s₁₂: a letter with its step."""
    return letter + str(step).translate(SUBSCRIPT)


def columns_of(shape: Shape, look: Look) -> dict[str, int]:
    """The column of each chain's first step: a chain that starts from another's last state stands to its right."""
    first: dict[str, int] = {}
    for chain in shape.chains:
        first[chain.name] = 0 if chain.after is None else first[chain.after] + len(look.reads[chain.after][0])
    return first


def paths(shape: Shape) -> list[list[str]]:
    """Chains that are one path through time: a chain, and what it starts from."""
    after = {chain.name: chain.after for chain in shape.chains}
    ends = [name for name in after if name not in after.values()]
    return [[after[name], name] if after[name] else [name] for name in ends]


def matrices(shape: Shape, look: Look) -> list[Matrix]:
    """One per path: a row for every loss, a column for every state along it."""
    first = columns_of(shape, look)
    made = []
    for path in paths(shape):
        columns = [lowered("s", first[name] + k + 1) for name in path for k in range(len(look.reads[name][0]))]
        rows = [lowered("L", first[path[-1]] + t + 1) for t in look.asked]
        log10s = np.concatenate([look.norms[name].flow for name in path], axis=-1)
        title = "‖∂L_t/∂s_k‖" + ("" if path == ["chain"] else ": " + " and ".join(path))
        made.append(Matrix(title, rows, columns, log10s))
    return made


def longest(shape: Shape, look: Look) -> tuple[int, str, str, np.ndarray, np.ndarray]:
    """The longest way that a gradient has to go: how many hand-overs, from which loss to which state, and log10 of its
    norm at both ends, (C,) each.
    """
    backward = {chain.name: chain.backward for chain in shape.chains}
    found = []
    for path, matrix in zip(paths(shape), matrices(shape, look), strict=True):
        before = len(matrix.columns) - len(look.reads[path[-1]][0])  # states of the chain that it starts from
        here, far = before + look.asked, len(matrix.columns) - 1 if backward[path[-1]] else 0
        r = int(np.abs(here - far).argmax())
        ends = matrix.log10s[:, r, here[r]], matrix.log10s[:, r, far]
        found.append((int(abs(here[r] - far)), matrix.rows[r], matrix.columns[far], *ends))
    return max(found, key=lambda way: way[0])


def sentence(shape: Shape, look: Look, c: int) -> str:
    """The longest path and what is left of the gradient at its end, after the c-th kept update."""
    length, loss, state, near, far = longest(shape, look)
    start, end = power(near[c], 2), power(far[c], 2)
    if length == 0:
        return f"No state is handed on: {loss} reaches {state} and nothing else, ‖∂{loss}/∂{state}‖ = {start}."
    words = f"The longest path: from {loss} back over {steps(length)} to {state}. A gradient of norm {start} sets out"
    if not np.isfinite(far[c]):
        return f"{words}; exactly 0 arrives, the truncation cuts it."
    return f"{words}, {end} arrives (× {number(10.0 ** (far[c] - near[c]), 2)})."
