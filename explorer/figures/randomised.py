"""Randomised truncation: single samples are far off, their mean is right."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.clipping import angle
from explorer.engine.records import Trace
from explorer.engine.truncation import randomised_keep
from explorer.figures.theme import Picture, axis, layout, number
from explorer.run import streams, with_keeps


def samples(trace: Trace, n: int) -> list[dict[str, np.ndarray]]:
    """n independent samples of ∂L/∂W_hh under randomised truncation."""
    rng = np.random.default_rng(streams(trace.config.seed)[2])
    keeps = [randomised_keep(len(trace.xs), max(trace.config.window, 2), rng) for _ in range(n)]
    return [{"W_hh": gradients.grads["W_hh"]} for gradients in with_keeps(trace, keeps)]


def randomised(traces: Mapping[str, Trace], n: int) -> Picture:
    """‖mean of the first m samples − full‖/‖full‖ over m, and the same for every sample alone."""
    m, data, words = np.arange(1, n + 1), [], []
    for name, trace in traces.items():
        full, size = trace.full.grads["W_hh"], trace.full.norms["W_hh"]
        drawn = np.array([g["W_hh"] for g in samples(trace, n)])
        with np.errstate(all="ignore"):
            alone = np.linalg.norm(drawn - full, axis=(1, 2)) / size
            mean = np.cumsum(drawn, axis=0) / m[:, None, None]
            error = np.linalg.norm(mean - full, axis=(1, 2)) / size
        point = {"type": "scatter", "x": m}
        data.append(
            {
                **point,
                "mode": "markers",
                "y": alone,
                "name": f"{name}: one sample",
                "marker": {"color": f"${name}", "size": 5, "symbol": "circle-open"},
            }
        )
        data.append(
            {
                **point,
                "mode": "lines",
                "y": error,
                "name": f"{name}: mean so far",
                "line": {"color": f"${name}", "width": 2.5},
            }
        )
        turned = angle({"W_hh": full}, {"W_hh": mean[-1]})
        words.append(
            f"{name}: one sample is off by {number(float(np.median(alone)), 2)}× the full norm (median), "
            f"the mean of {n} by {number(float(error[-1]), 2)}× and {turned:.0f}°"
        )
    window = max(next(iter(traces.values())).config.window, 2)
    return Picture(
        f"Randomised truncation, window {window}: samples and their mean against the full ∂L/∂W_hh",
        {
            "data": data,
            "layout": layout(
                xaxis=axis(title={"text": "samples"}),
                yaxis=axis(title={"text": "relative error"}, type="log", exponentformat="power"),
            ),
        },
        "; ".join(words) + ". Right on average over patterns; a few enormous samples carry the mean where terms grow.",
    )
