"""The classic figure of repeated multiplication by W_hhᵀ, and what it leaves out.

Saito (2018), Deep Learning from Scratch 2 (O'Reilly Japan), chapter 6: N = 2, H = 3, T = 20, seed 3, W_hh ~ N(0, 1), a
gradient of ones, no activation; plotted is √Σ dh² / N.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import forward
from explorer.engine.cells import CELLS, Params
from explorer.engine.tasks import dogs
from explorer.figures.theme import Picture, axis, layout, number

N, H, T, SEED = 2, 3, 20, 3
SCALES = (1.0, 0.5)


def network(scale: float) -> Params:
    """The book's W_hh; W_xh ~ N(0, 1) for the letters of "dogs" is drawn after it, so W_hh is not disturbed."""
    rng = np.random.RandomState(SEED)
    W_hh = rng.randn(H, H)
    return {"W_xh": rng.randn(4, H), "W_hh": scale * W_hh, "b_h": np.zeros(H)}


def norms(scale: float, activation: str | None) -> np.ndarray:
    """√Σ dh² after 1 … T steps back from dh = 1, (T,).

    None: every step is dh W_hhᵀ alone, as in the book. Else the chain of a run that reads "dogs": (dh ∘ φ′(a_t)) W_hhᵀ.
    """
    params, cell = network(scale), CELLS["rnn"]
    slopes = np.ones((T, N, H))
    if activation is not None:
        phi = ACTIVATIONS[activation]
        slopes = phi.dphi(forward(params, dogs(T, N, "", ()).xs, cell, phi)[1])
    dh, found = np.ones((N, H)), []
    for slope in reversed(slopes):
        dh, _ = cell.step_backward(params, dh, slope)
        found.append(np.sqrt((dh**2).sum()))
    return np.array(found)


def classic(activations: Sequence[str] = ()) -> Picture:
    """The figure as printed; with activations, the same chain with its φ′ put back, as true norms on a log axis."""
    steps, data, words, axes = np.arange(1, T + 1), [], [], {}
    for i, scale in enumerate(SCALES):
        tail = "" if i == 0 else str(i + 1)
        on = {"type": "scatter", "mode": "lines+markers", "x": steps, "xaxis": "x" + tail, "yaxis": "y" + tail}
        marker = {"size": 5}
        alone = norms(scale, None)
        if activations:
            curves = {"W_hhᵀ alone": (alone, "$full")} | {n: (norms(scale, n), f"${n}") for n in activations}
        else:
            curves = {"W_hhᵀ alone, ÷ N": (alone / N, "$full")}
        for name, (values, colour) in curves.items():
            line = {"color": colour, "width": 2}
            data.append({**on, "y": values, "name": name, "line": line, "marker": marker, "showlegend": i == 0})
        label = "W_hh ~ N(0, 1)" if scale == 1.0 else f"W_hh × {scale:g}"
        ends = [f"{name} {number(values[0], 5)} → {number(values[-1])}" for name, (values, _) in curves.items()]
        words.append(f"{label}: {', '.join(ends)}")
        domain = [[0.0, 0.46], [0.56, 1.0]][i]
        axes["xaxis" + tail] = axis(title={"text": f"steps back, {label}"}, domain=domain, anchor="y" + tail)
        kind = {"type": "log", "exponentformat": "power"} if activations else {"rangemode": "tozero"}
        title = {"text": ("‖dh‖" if activations else "√Σdh² / N") if i == 0 else ""}
        axes["yaxis" + tail] = axis(**kind, title=title, anchor="x" + tail)
    title = "The same chain with φ′ and the true norm" if activations else "The classic figure: powers of W_hhᵀ alone"
    return Picture(title, {"data": data, "layout": layout(**axes)}, "; ".join(words) + ".")
