"""The loss around a network's weights: along its gradient, and along a random direction orthogonal to it."""

from __future__ import annotations

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.theme import Film, axis, layout, number
from explorer.run import Landscape, losses_at


def landscape_film(trace: Trace, around: Landscape, rate: float, threshold: float) -> Film:
    """L as a surface and as a map, with the weights as they are and after one update, raw and clipped by norm."""
    d, L = around.distances, around.losses
    low, high = float(np.nanmin(L)), float(np.nanmax(L))
    scale = [[0, "$low"], [0.5, "$middle"], [1, "$high"]]
    bar = {"thickness": 9, "outlinewidth": 0, "x": 1.0, "xpad": 4, "title": {"text": "L"}}
    in_3d = {"gridcolor": "$grid", "color": "$text", "showbackground": False, "showspikes": False}
    surface = {"type": "surface", "x": d, "y": d, "z": L, "coloraxis": "coloraxis", "hoverinfo": "skip"}
    heatmap = {"type": "heatmap", "x": d, "y": d, "z": L, "coloraxis": "coloraxis"}
    hover = "%{x:.3g} along, %{y:.3g} aside: L = %{z:.4g}<extra></extra>"
    points = landings(trace, around, rate, threshold)
    marks = [mark for name, colour, x, loss in points for mark in marked(name, colour, x, loss, d[-1])]
    return Film(
        "The loss around the present weights",
        {
            "data": [surface, {**heatmap, "hovertemplate": hover}, *marks],
            "layout": layout(
                height=430,
                margin={"l": 10, "r": 16, "t": 34, "b": 46},
                scene={
                    "domain": {"x": [0, 0.5], "y": [0, 1]},
                    "xaxis": {**in_3d, "title": {"text": "along g"}},
                    "yaxis": {**in_3d, "title": {"text": "aside"}},
                    "zaxis": {**in_3d, "title": {"text": "L"}},
                    "camera": {"eye": {"x": 1.0, "y": -1.2, "z": 0.8}, "center": {"x": 0, "y": 0, "z": -0.15}},
                    "aspectratio": {"x": 1, "y": 1, "z": 0.6},
                    "uirevision": "turned",
                },
                coloraxis={"cmin": low, "cmax": high, "colorscale": scale, "colorbar": bar},
                xaxis=axis(domain=[0.58, 0.97], title={"text": "distance along ∂L/∂θ"}, range=[d[0], d[-1]]),
                yaxis=axis(title={"text": "distance aside"}, range=[d[0], d[-1]]),
                legend={"orientation": "h", "x": 0.58, "y": 1.02, "yanchor": "bottom"},
            ),
        },
        f"Within ±{number(d[-1])} L goes from {number(low)} to {number(high)}; the steepest slope between "
        f"neighbouring points is {number(steepest(around))} (here: ‖g‖ = {number(trace.full.norm)}). "
        + " ".join(
            f"After the {name} update, {number(-x)} long, L = {number(loss)}." for name, _, x, loss in points[1:]
        ),
    )


def landings(trace: Trace, around: Landscape, rate: float, threshold: float) -> list[tuple[str, str, float, float]]:
    """(name, colour, distance along the gradient, L there) of the weights now, and after one update of each kind."""
    norm = trace.full.norm
    xs = np.array([0.0, -rate * norm, -rate * min(norm, threshold)])
    losses = losses_at(trace, around.directions, xs, np.zeros(3))
    names = (("now", "$text"), ("raw", "$full"), ("clipped", "$clipped"))
    return [(*name, float(x), float(loss)) for name, x, loss in zip(names, xs, losses, strict=True)]


def marked(name: str, colour: str, x: float, loss: float, reach: float) -> list[dict]:
    """A mark on the surface and one on the map; where it lies beyond the edge, an arrow at the edge of the map."""
    beyond = abs(x) > reach
    at, symbol = (-reach, "triangle-left") if beyond else (x, "circle-open" if name == "now" else "diamond")
    words = f"{name}{', beyond the edge' if beyond else ''}"
    flat = {"type": "scatter", "mode": "markers", "x": np.array([at]), "y": np.zeros(1), "name": words}
    flat |= {"marker": {"color": colour, "size": 12, "symbol": symbol, "line": {"width": 2}}, "cliponaxis": False}
    if beyond or not np.isfinite(loss):
        return [flat]
    ball = {"type": "scatter3d", "mode": "markers", "x": np.array([x]), "y": np.zeros(1), "z": np.array([loss])}
    return [flat, {**ball, "marker": {"color": colour, "size": 5}, "name": name, "showlegend": False}]


def steepest(around: Landscape) -> float:
    """The largest slope between two neighbouring points."""
    jumps = [np.abs(np.diff(around.losses, axis=axis_)) for axis_ in (0, 1)]
    return float(max(np.nanmax(jump) for jump in jumps) / np.diff(around.distances)[0])
