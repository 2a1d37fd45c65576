"""One loss looking back (a row of the flow) and one state hearing from all losses (a column)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.gradient_terms import line
from explorer.figures.theme import Picture, decades_axis, decades_range, layout, power, time_axis


def row_and_column(traces: Mapping[str, Trace], step: int) -> Picture:
    """To the left of the chosen step s: ‖∂L_s/∂h_k‖ over k. To its right: ‖∂L_t/∂h_s‖ over t."""
    T = len(next(iter(traces.values())).xs)
    s = min(step, T)
    before, after = np.arange(1, s + 1, dtype=np.int16), np.arange(s, T + 1, dtype=np.int16)
    data, curves = [], []
    for name, trace in traces.items():
        norms = trace.flow.of_memory
        curves += [norms[s - 1, :s], norms[s - 1 :, s - 1]]
        data.append(line(before, curves[-2], f"{name}: loss {s} looks back", f"${name}", 2.5))
        data.append(line(after, curves[-1], f"{name}: state {s} hears", f"${name}", 2.0, "dash"))
    low, high = decades_range(*curves)
    heard = {name: trace.flow.of_memory[s - 1 :, s - 1] for name, trace in traces.items()}
    return Picture(
        f"Step {s}: its loss looking back, its state hearing from the future",
        {"data": data, "layout": layout(xaxis=time_axis(T), yaxis=decades_axis(low, high), meta={"time": True})},
        f"State {s} hears "
        + "; ".join(
            f"{name} {power(v[0], 2)} from its own loss, {power(v[-1], 2)} from loss {T}" for name, v in heard.items()
        )
        + ".",
    )
