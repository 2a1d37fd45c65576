"""Norms of the gradient before clipping, over the updates of a training run: their trace, and how a threshold cuts."""

from __future__ import annotations

import numpy as np

from explorer.figures.theme import Picture, axis, decades_axis, layout, number

BAND = (0.5, 10.0)  # thresholds that Pascanu et al. (2013) found to work, in units of the mean norm


def norm_trace(norms: np.ndarray, threshold: float) -> Picture:
    """log10 ‖g‖ before clipping at each update, with the band and the threshold. norms (n,)."""
    logs, low, high = decades(norms, threshold)
    x = np.arange(1, len(norms) + 1)
    curve = {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": logs,
        "name": "‖g‖",
        "line": {"color": "$full", "width": 2},
    }
    end = {"type": "scatter", "mode": "lines", "x": np.array([1, len(norms)]), "name": "threshold"}
    line = {**end, "y": np.full(2, np.log10(threshold)), "line": {"color": "$clipped", "dash": "dash", "width": 2}}
    return Picture(
        "Norm of the raw gradient at each update",
        {
            "data": [curve, line],
            "layout": layout(
                xaxis=axis(title={"text": "update"}, range=[0.5, max(len(norms), 2) + 0.5]),
                yaxis=decades_axis(low, high, title={"text": "‖g‖"}),
                shapes=[band(norms, "y", "x")],
            ),
        },
        f"Over {len(norms)} updates ‖g‖ has the mean {number(norms.mean())} and the median {number(np.median(norms))}, "
        f"from {number(norms.min())} to {number(norms.max())}. "
        f"Shaded: {BAND[0]:g}…{BAND[1]:g} × mean, "
        f"{number(BAND[0] * norms.mean())}…{number(BAND[1] * norms.mean())}.",
    )


def share_clipped(norms: np.ndarray, threshold: float) -> Picture:
    """How often each norm occurs (bars), and the share of updates that a threshold would clip, over the threshold."""
    logs, low, high = decades(norms, threshold)
    finite = logs[np.isfinite(logs)]
    counts, edges = np.histogram(finite, bins=np.linspace(low, high, 41))
    at = np.linspace(low, high, 161)
    share = (logs[:, None] > at).mean(axis=0)
    now = float(np.log10(threshold))
    bars = {"type": "bar", "x": 0.5 * (edges[1:] + edges[:-1]), "y": counts, "width": np.diff(edges), "name": "updates"}
    curve = {"type": "scatter", "mode": "lines", "x": at, "y": share, "yaxis": "y2", "name": "share clipped"}
    line = {"type": "scatter", "mode": "lines", "x": np.full(2, now), "y": np.array([0, 1.0]), "name": "threshold"}
    return Picture(
        "Which threshold clips how many of these updates",
        {
            "data": [
                {**bars, "marker": {"color": "$faint@0.6", "line": {"width": 0}}},
                {**curve, "line": {"color": "$clipped", "width": 3}},
                {**line, "yaxis": "y2", "line": {"color": "$clipped", "dash": "dash", "width": 2}},
            ],
            "layout": layout(
                xaxis=decades_axis(low, high, title={"text": "‖g‖, threshold"}),
                yaxis=axis(title={"text": "updates"}, showgrid=False),
                yaxis2=axis(
                    title={"text": "share clipped"},
                    overlaying="y",
                    side="right",
                    range=[0, 1.02],
                    tickformat=".0%",
                    dtick=0.25,
                    tickmode="linear",
                    showgrid=False,
                ),
                shapes=[band(norms, "x", "y")],
                bargap=0,
            ),
        },
        f"The threshold {number(threshold)} clips {share_above(norms, threshold):.0%} of these updates; "
        f"{number(norms.mean())}, their mean norm, would clip {share_above(norms, norms.mean()):.0%}.",
    )


def share_above(norms: np.ndarray, threshold: float) -> float:
    """The share of updates that a threshold clips."""
    return float((norms > threshold).mean())


def decades(norms: np.ndarray, threshold: float) -> tuple[np.ndarray, float, float]:
    """log10 of the norms, and a range that holds them, the band and the threshold."""
    with np.errstate(divide="ignore"):
        logs = np.log10(norms)
        shown = np.concatenate([logs, np.log10([threshold]), np.log10(np.multiply(BAND, norms.mean()))])
    shown = shown[np.isfinite(shown)]
    return logs, float(np.floor(2 * shown.min()) / 2), float(np.ceil(2 * shown.max()) / 2)


def band(norms: np.ndarray, along: str, across: str) -> dict:
    """The band as a shaded rectangle along one axis, all the way across the other."""
    with np.errstate(divide="ignore"):
        low, high = np.maximum(np.log10(np.multiply(BAND, norms.mean())), -330.0).tolist()
    ends = {f"{along}0": low, f"{along}1": high, f"{across}0": 0, f"{across}1": 1, f"{across}ref": "paper"}
    return {"type": "rect", **ends, "fillcolor": "$clipped@0.12", "line": {"width": 0}, "layer": "below"}
