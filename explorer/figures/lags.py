"""The diagonals of the flow: how large terms of one lag are, and how far they spread."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, decades_axis, decades_range, layout, power


def lags(traces: Mapping[str, Trace], lag: int) -> Picture:
    """Mean and standard deviation of log10 ‖∂L_t/∂h_{t−lag}‖ over t, for every lag."""
    T = len(next(iter(traces.values())).xs)
    lag = min(lag, T - 1)
    x, data, curves, words = np.arange(T), [], [], []
    for name, trace in traces.items():
        mean, spread = diagonals(trace)
        curves += [mean - spread, mean + spread]
        data += [{**band(x, mean + s * spread, name), "name": f"{name}, {s:+} σ"} for s in (1, -1)]
        data[-1] |= {"fill": "tonexty", "fillcolor": f"${name}@0.18"}
        data.append(
            {**band(x, mean, name), "name": name, "line": {"color": f"${name}", "width": 2.5}, "showlegend": True}
        )
        rate = rate_at(trace, lag)
        words.append(
            f"{name} at lag {lag}: {power(mean[lag], 2)}, spread ×{power(spread[lag], 2)}, ×{power(rate, 3)} per step"
        )
    low, high = decades_range(*curves)
    data.append(
        {**band(np.full(2, lag), np.array([low, high]), ""), "line": {"color": "$faint", "width": 1, "dash": "dot"}}
    )
    return Picture(
        "Terms by lag: mean over t, ± one standard deviation of their logarithm",
        {
            "data": data,
            "layout": layout(
                xaxis=axis(range=[0, max(T - 1, 1)], title={"text": "lag t − k"}), yaxis=decades_axis(low, high)
            ),
        },
        "; ".join(words) + ".",
    )


def diagonals(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every diagonal of log10 ‖∂L_t/∂h_k‖, lag 0 first; (T,) each."""
    norms = trace.flow.of_memory
    rows = [np.diagonal(norms, -lag) for lag in range(len(norms))]
    with np.errstate(invalid="ignore"):
        return np.array([row.mean() for row in rows]), np.array([row.std() for row in rows])


def rate_at(trace: Trace, lag: int) -> float:
    """(mean of entry [t, t − lag] − mean of entry [t, t])/lag over the same losses t, decades per step back."""
    norms = trace.flow.of_memory
    if lag == 0:
        return 0.0
    with np.errstate(invalid="ignore"):
        return float((np.diagonal(norms, -lag).mean() - np.diagonal(norms)[lag:].mean()) / lag)


def band(x: np.ndarray, y: np.ndarray, name: str) -> dict:
    """One edge of a band, or a line."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": np.where(np.isfinite(y), y, np.nan),
        "line": {"width": 0, "color": f"${name}" if name else "$faint"},
        "showlegend": False,
        "hoverinfo": "skip",
    }
