"""The hidden states, units × steps, one heatmap per activation on one colour scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.diagnostics import saturated_share
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, number, rows_domain, time_axis

MOST_SYMBOLS = 60  # more would overlap along the axis
SHOWN = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def hidden_states(traces: Mapping[str, Trace]) -> Picture:
    """h_t of the first sequence, for every activation; the symbols that the network reads stand under the first."""
    first = next(iter(traces.values()))
    T, H = len(first.xs), first.hs.shape[-1]
    states = {name: coloured(trace.hs[1:, 0]) for name, trace in traces.items()}
    data, axes = [], {}
    for i, ((name, h), domain) in enumerate(zip(states.items(), rows_domain(len(states), 0.13), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        data.append(
            {
                "type": "heatmap",
                "z": h,
                "transpose": True,
                "x0": 1,
                "y0": 1,
                "coloraxis": "coloraxis",
                "name": name,
                "meta": {"missing": "$missing"},
                "xaxis": "x" + tail,
                "yaxis": "y" + tail,
            }
        )
        last = i == len(states) - 1
        axes["xaxis" + tail] = time_axis(
            T, anchor="y" + tail, matches="x" if i else None, showgrid=False, **({} if last else symbols(first.inputs))
        )
        axes["yaxis" + tail] = axis(range=[0.5, H + 0.5], domain=domain, title={"text": name}, nticks=4, showgrid=False)
    bar = {"thickness": 9, "outlinewidth": 0, "x": 1.01, "xpad": 0, "nticks": 5, "title": {"text": "h"}}
    scale = [[0, "$low"], [0.5, "$middle"], [1, "$high"]]
    colours = {"cmin": -1.0, "cmax": 1.0, "colorscale": scale, "colorbar": bar}
    return Picture(
        f"Hidden states h_t, {H} units × {T} steps",
        {"data": data, "layout": layout(coloraxis=colours, meta={"time": True}, **axes)},
        " ".join(sentence(name, trace) for name, trace in traces.items()),
    )


def coloured(h: np.ndarray) -> np.ndarray:
    """States as colours show them: the scale ends at ±1 for every activation; NaN where h is not a number any more."""
    return np.where(np.isfinite(h), np.clip(h, -1.0, 1.0), np.nan).astype(np.float32)


def symbols(inputs: tuple[str, ...] | None) -> dict:
    """Ticks that spell what the network reads, where there is room for it."""
    if inputs is None or sum(max(len(s), 1) for s in inputs) > MOST_SYMBOLS:
        return {"showticklabels": False}
    return {
        "tickmode": "array",
        "tickvals": list(range(1, len(inputs) + 1)),
        "ticktext": [SHOWN.get(s, s) for s in inputs],
        "ticks": "",
        "tickangle": 0,
        "tickfont": {"size": 11},
    }


def sentence(name: str, trace: Trace) -> str:
    """How large the states are, and how many have φ′ < γ/10 (vanilla cells)."""
    h = trace.hs[1:]
    if not np.isfinite(h).all():
        return f"{name}: the states leave the range of float64 (yellow)."
    beyond = f", the largest {number(float(np.abs(h).max()), 2)} (colours end at ±1)" if np.abs(h).max() > 1.0 else ""
    size = number(float(np.abs(h).mean()), 2)
    if trace.slopes is None:  # a gated cell has no φ to be flat
        return f"{name}: |h| averages {size}{beyond}."
    share = saturated_share(trace.slopes, trace.activation.gamma)
    return f"{name}: |h| averages {size}{beyond}, {share:.0%} of unit-steps lie where φ is flat."
