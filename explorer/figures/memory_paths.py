"""The last loss's term at each step by the way it came: along what a gate keeps, or through the weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.gradient_terms import line
from explorer.figures.theme import Picture, decades_axis, decades_range, layout, power, rows_domain, time_axis
from explorer.run import paths_of


def memory_paths(traces: Mapping[str, Trace]) -> Picture:
    """log10 ‖∂L_T/∂m_t‖ of the memory m: in total, along the carousel alone, through the weights; small multiples."""
    first = next(iter(traces.values()))
    T = len(first.xs)
    t = np.arange(1, T + 1, dtype=np.int16)
    rows = {name: curves(name, trace, t) for name, trace in traces.items()}
    low, high = decades_range(*(curve["y"] for made in rows.values() for curve in made))
    data, axes, named = [], {}, set()
    titles = {name: f"{name} {trace.memory}" for name, trace in traces.items()}
    for i, ((name, made), domain) in enumerate(zip(rows.items(), rows_domain(len(traces), 0.1), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        for curve in made:
            legend = {"showlegend": curve["name"] not in named}
            named.add(curve["name"])
            data.append({**curve, **legend, "xaxis": "x" + tail, "yaxis": "y" + tail})
        last = i == len(traces) - 1
        axes["xaxis" + tail] = time_axis(T, anchor="y" + tail, matches="x" if i else None, showticklabels=last)
        axes["yaxis" + tail] = decades_axis(low, high, domain=domain, title={"text": titles[name]}, nticks=4)
    return Picture(
        "The last loss’s term, by the way it came",
        {"data": data, "layout": layout(meta={"time": True}, **axes)},
        " ".join(sentence(name, trace) for name, trace in traces.items()),
    )


def curves(name: str, trace: Trace, t: np.ndarray) -> list[dict]:
    """A run's lines: h of an RNN; of a gated cell the memory in total and its two kinds of paths, and h beside c."""
    total = line(t, trace.memory_row, "in total", f"${name}", 2.5)
    if not trace.cell.gated:
        return [total]
    split = paths_of(trace)
    kept = line(t, split.log10_carousel, "kept: gates f or z alone", f"${name}", 2.0, "dash")
    weights = line(t, split.log10_gates, "through the weights", f"${name}", 1.6, "dot")
    beside = [] if trace.last_row_c is None else [line(t, trace.last_row, "at h, with c held", "$faint", 1.4)]
    return [*beside, total, kept, weights]


def sentence(name: str, trace: Trace) -> str:
    """Where the term ends, and which way the most of it came."""
    end = f"{name}: at step 1 {power(float(trace.memory_row[0]), 2)}"
    if not trace.cell.gated:
        return f"{end}, all of it through the weights."
    split = paths_of(trace)
    kept, weights = float(split.log10_carousel[0]), float(split.log10_gates[0])
    return f"{end}: kept {power(kept, 2)}, through the weights {power(weights, 2)}."
