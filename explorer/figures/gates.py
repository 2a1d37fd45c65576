"""The gates of LSTM and GRU, units × steps: what they let in, keep and show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.hidden_states import symbols
from explorer.figures.theme import Picture, axis, layout, number, power, rows_domain, time_axis

OPEN = "coloraxis"  # gates, from 0 (shut) to 1 (open)
SIGNED = "coloraxis2"  # proposed content, from −1 to 1
GAP = 0.13  # between the columns, for the names of the rows
KEYS = {"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}
KEYS |= {"r": "reset gate", "z": "update gate", "n": "candidate"}


def gates(traces: Mapping[str, Trace]) -> Picture:
    """Every gate of the first sequence as a heatmap, a column per gated cell; an RNN has none."""
    gated = {name: trace for name, trace in traces.items() if trace.gates}
    first = next(iter(traces.values()))
    T, H = len(first.xs), first.hs.shape[-1]
    most = max((len(trace.gates) for trace in gated.values()), default=1)
    data, axes, number_of = [], {}, 0
    for column, (name, trace) in enumerate(gated.items()):
        width = (1.0 + GAP) / len(gated)
        across = [round(column * width, 4), round((column + 1) * width - GAP, 4)]
        for row, (gate, values) in enumerate(trace.gates.items()):
            number_of += 1
            tail = "" if number_of == 1 else str(number_of)
            data.append(cells(values[:, 0], f"{name} {gate}", gate, trace.cell.candidate, tail))
            last = row == len(trace.gates) - 1
            ticks = {} if last else symbols(first.inputs) if len(gated) == 1 else {"showticklabels": False}
            fitting = {"matches": "x"} if number_of > 1 else {}
            axes["xaxis" + tail] = time_axis(T, anchor="y" + tail, domain=across, showgrid=False, **fitting, **ticks)
            axes["xaxis" + tail]["ticklabeloverflow"] = "hide past domain"  # the colour bar stands close
            up = {"domain": rows_domain(most, 0.09)[row], "anchor": "x" + tail, "range": [0.5, H + 0.5]}
            named = {"title": {"text": gate, "standoff": 3}, "showticklabels": column == 0}
            axes["yaxis" + tail] = axis(**up, **named, nticks=3, showgrid=False)
    listed = "; ".join(f"{name} {', '.join(trace.gates)}" for name, trace in gated.items())
    return Picture(
        f"Gates: {listed or 'an RNN has none'}",
        {"data": data, "layout": layout(**bars(), meta={"time": True}, **axes)},
        " ".join(sentence(name, trace) for name, trace in gated.items()) or "Compare with LSTM or GRU to see gates.",
    )


def cells(values: np.ndarray, name: str, gate: str, candidate: str, tail: str) -> dict:
    """One gate as a heatmap, steps to the right."""
    return {
        "type": "heatmap",
        "z": values.astype(np.float32),
        "transpose": True,
        "x0": 1,
        "y0": 1,
        "coloraxis": SIGNED if gate == candidate else OPEN,
        "name": f"{name}, {KEYS[gate]}",
        "meta": {"symbol": gate},
        "xaxis": "x" + tail,
        "yaxis": "y" + tail,
    }


def bars() -> dict:
    """The two colour scales, their bars one above the other."""
    bar = {"thickness": 9, "outlinewidth": 0, "x": 1.01, "xpad": 0, "nticks": 3, "len": 0.48, "ypad": 0}
    shut_to_open = [[0, "$middle"], [1, "$text"]]
    signed = [[0, "$low"], [0.5, "$middle"], [1, "$high"]]
    return {
        OPEN: {"cmin": 0.0, "cmax": 1.0, "colorscale": shut_to_open, "colorbar": {**bar, "y": 0.77}},
        SIGNED: {"cmin": -1.0, "cmax": 1.0, "colorscale": signed, "colorbar": {**bar, "y": 0.23}},
    }


def sentence(name: str, trace: Trace) -> str:
    """How far the gates are open on average, and what the keeping one leaves over the whole sequence."""
    keeper, T = trace.cell.keeper, len(trace.xs)
    means = [
        f"{gate} {number(float(values.mean()))}" for gate, values in trace.gates.items() if gate != trace.cell.candidate
    ]
    with np.errstate(divide="ignore"):
        left = np.log10(trace.gates[keeper][1:]).sum(axis=0)  # per sequence and unit, from step T back to step 1
    return (
        f"{name}: open on average {', '.join(means)}; from step {T} back to step 1 {keeper} leaves a unit "
        f"×{power(float(np.median(left)), 2)} (median), ×{power(float(left.max()), 2)} at most."
    )
