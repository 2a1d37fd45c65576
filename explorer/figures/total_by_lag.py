"""The sum made visible: which lags the total gradient at a step is made of."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, number, rows_domain, time_axis
from explorer.run import by_mask

EDGES = (0, 1, 3, 6, 11, 21, 51)  # buckets of lags: 0, 1–2, 3–5, 6–10, 11–20, 21–50, 51 and more
SHADES = ("$text@0.9", "$text@0.62", "$low@0.9", "$low@0.6", "$high@0.5", "$high@0.75", "$high")


def total_by_lag(traces: Mapping[str, Trace]) -> Picture:
    """Signed projections of the terms on the total's direction, as shares of it: at every step they add up to 1.

    share_b(k) = ⟨Σ_{t−k in bucket b} ∂L_t/∂h_k, ∂L/∂h_k⟩ / ‖∂L/∂h_k‖². Norms would not add up, terms may cancel.
    """
    first = next(iter(traces.values()))
    T = len(first.xs)
    t = np.arange(1, T + 1, dtype=np.int16)
    data, axes, words = [], {}, []
    for i, ((name, trace), domain) in enumerate(zip(traces.items(), rows_domain(len(traces), 0.1), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        shares, cancelled = shares_by_lag(trace)
        tops = np.cumsum(shares, axis=0)
        for b, top in enumerate(tops):
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": t,
                    "y": top.astype(np.float32),
                    "fill": "tozeroy" if b == 0 else "tonexty",
                    "fillcolor": SHADES[b],
                    "line": {"width": 0, "color": SHADES[b]},
                    "name": label(b),
                    "showlegend": i == 0,
                    "xaxis": "x" + tail,
                    "yaxis": "y" + tail,
                    "meta": "share",
                }
            )
        last = i == len(traces) - 1
        axes["xaxis" + tail] = time_axis(T, anchor="y" + tail, matches="x" if i else None, showticklabels=last)
        axes["yaxis" + tail] = axis(range=[-0.25, 1.5], domain=domain, nticks=4, tickformat=".0%", title={"text": name})
        words.append(sentence(name, shares, cancelled))
    return Picture(
        "The total ∂L/∂h_k, by the lag of the loss it comes from",
        {"data": data, "layout": layout(meta={"time": True}, **axes)},
        " ".join(words),
    )


def label(b: int) -> str:
    """The lags of a bucket in words."""
    low, high = EDGES[b], (EDGES[b + 1] - 1 if b + 1 < len(EDGES) else None)
    return f"lag {low}" if high == low else f"{low}–{high}" if high else f"≥ {low}"


def shares_by_lag(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """(buckets, T) shares of the total, and (T,) Σ_b ‖terms of bucket b‖ / ‖total‖: how much cancels."""
    T = len(trace.xs)
    lag = np.subtract.outer(np.arange(T), np.arange(T))
    bounds = [*EDGES, T + EDGES[-1]]
    masks = np.stack([(lag >= low) & (lag < high) for low, high in pairwise(bounds)]).astype(float)
    terms = by_mask(trace, masks)  # (buckets, T, N, H)
    with np.errstate(all="ignore"):
        scale = np.abs(terms).max(axis=(0, 2, 3), keepdims=True)  # so that nothing leaves float64 when squared
        terms = terms / scale
        total = terms.sum(axis=0)
        square = (total**2).sum(axis=(1, 2))
        shares = (terms * total).sum(axis=(2, 3)) / square
        cancelled = np.sqrt((terms**2).sum(axis=(2, 3))).sum(axis=0) / np.sqrt(square)
    return shares, cancelled


def sentence(name: str, shares: np.ndarray, cancelled: np.ndarray) -> str:
    """What share comes from close by, and how much cancels, as medians over steps."""
    finite = np.isfinite(shares).all(axis=0)
    if not finite.any():
        return f"{name}: there is no total to take apart."
    near = float(np.median(shares[:3, finite].sum(axis=0)))
    percent = f"{round(near, 2) + 0.0:.0%}".replace("-", "−")  # + 0.0: there is no −0%
    times = number(float(np.median(cancelled[finite])), 2)
    return f"{name}: lags 0–5 are {percent} of the total (median), the parts’ norms sum to {times}× it."
