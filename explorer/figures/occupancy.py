"""Where the hidden units of a run sit on φ′."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.diagnostics import SATURATED, saturated_share
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, rows_domain, time_axis

BINS = 10  # the lowest of them, φ′ < γ/10, is what "saturated" means


def occupancy(traces: Mapping[str, Trace]) -> Picture:
    """A histogram of φ′(a_t)/γ over units (and sequences) at every step, one per activation."""
    T = len(next(iter(traces.values())).xs)
    data, axes, words = [], {}, []
    for i, ((name, trace), domain) in enumerate(zip(traces.items(), rows_domain(len(traces), 0.1), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        data.append(
            {
                "type": "heatmap",
                "z": shares(trace).astype(np.float32),
                "transpose": True,
                "x0": 1,
                "dx": 1,
                "y0": 0.5 / BINS,
                "dy": 1.0 / BINS,
                "coloraxis": "coloraxis",
                "name": name,
                "meta": {"share": [f"φ′/γ {b / BINS:.1f}…{(b + 1) / BINS:.1f}" for b in range(BINS)]},
                "xaxis": "x" + tail,
                "yaxis": "y" + tail,
            }
        )
        axes["xaxis" + tail] = time_axis(
            T, anchor="y" + tail, matches="x" if i else None, showticklabels=i == len(traces) - 1, showgrid=False
        )
        axes["yaxis" + tail] = axis(
            range=[0, 1], domain=domain, dtick=0.5, showgrid=False, title={"text": f"{name}, φ′/γ"}
        )
        flat = saturated_share(trace.slopes, trace.activation.gamma)
        words.append(f"{name}: {flat:.0%} of unit-steps are saturated, φ′ < γ/{1 / SATURATED:.0f}")
    bar = {"thickness": 9, "outlinewidth": 0, "x": 1.01, "xpad": 0, "tickformat": ".0%", "nticks": 4}
    colours = {"cmin": 0.0, "cmax": 1.0, "colorscale": [[0, "$middle"], [1, "$full"]], "colorbar": bar}
    return Picture(
        "Where this run’s hidden units sit on φ′: share of units per step",
        {"data": data, "layout": layout(coloraxis=colours, meta={"time": True}, **axes)},
        "; ".join(words) + ".",
    )


def shares(trace: Trace) -> np.ndarray:
    """Share of units in each tenth of [0, γ] at each step, (T, BINS); NaN where a run has overflowed."""
    relative = trace.slopes / trace.activation.gamma
    with np.errstate(invalid="ignore"):
        tenth = np.clip(relative * BINS, 0, BINS - 1).astype(np.int16)
    counted = (tenth[..., None] == np.arange(BINS)).mean(axis=(1, 2))
    return np.where(np.isfinite(relative).all(axis=(1, 2))[:, None], counted, np.nan)
