"""The wall: the error surface of one unit, two descents on it, and the bifurcation that makes it."""

from __future__ import annotations

from functools import cache

import numpy as np

from explorer.engine import one_unit
from explorer.engine.one_unit import Descent
from explorer.figures.theme import Film, axis, decades_axis, layout, number, steps

W_RANGE, B_RANGE = (3.5, 6.5), (-3.6, -1.4)  # where the wall is striking
CELLS = (121, 89)  # of the surface: 0.025 apart
X_RANGE = (-4.2, 4.2)  # of the states in the bifurcation diagram
STATES = np.linspace(*X_RANGE, 85)
KINDS = {"not clipped": ("$full", 3.5), "clipped": ("$clipped", 2.0)}  # colour and width: where they agree, both show


@cache
def surface() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """w (columns,), b (rows,) and E (rows, columns) over the region that is shown."""
    w, b = np.linspace(*W_RANGE, CELLS[0]), np.linspace(*B_RANGE, CELLS[1])
    return w, b, one_unit.error(*np.meshgrid(w, b))


def wall(raw: Descent, clipped: Descent, learning_rate: float, threshold: float) -> Film:
    """E over (w, b) as a surface and as a map, with both descents; the norms at each update; the fixed points."""
    w, b, E = surface()
    standing = [
        {"type": "surface", "x": w, "y": b, "z": E, "coloraxis": "coloraxis", "hoverinfo": "skip", "opacity": 0.92},
        {"type": "contour", "x": w, "y": b, "z": E, "coloraxis": "coloraxis", **CONTOURS, "meta": "pick"},
        wall_line(),
        level("x_0", *B_RANGE, one_unit.START, "x3", "y3"),
        level("threshold", 0, len(raw.w) - 1, float(np.log10(threshold)), "x2", "y2"),
    ]
    moving = [style for name, look in KINDS.items() for style in styles(name, *look)]
    frames = tuple([*points(raw, n), *points(clipped, n)] for n in range(len(raw.w)))
    data = [*standing, *({**style, **last} for style, last in zip(moving, frames[-1], strict=True))]
    return Film(
        "E(w, b) = (σ(x₅₀) − 0.7)², x_t = w·σ(x_{t−1}) + b, x₀ = ½: gradient descent, clipped and not",
        {"data": data, "layout": arrangement(len(raw.w) - 1, raw, clipped, threshold)},
        f"Not clipped: {fate(raw)} Clipped at {number(threshold)}: {fate(clipped)} "
        f"No clipped update is longer than η·threshold = {number(learning_rate * threshold)}.",
        moving=tuple(range(len(standing), len(data))),
        frames=frames,
        words=tuple(happening(raw, clipped, n) for n in range(len(raw.w))),
    )


CONTOURS = {
    "contours": {"start": 0.0, "end": 0.45, "size": 0.03, "coloring": "heatmap"},
    "line": {"width": 0.7},
    "hovertemplate": "w = %{x:.3f}, b = %{y:.3f}, E = %{z:.3f}<br>click: start here<extra></extra>",
}


def wall_line() -> dict:
    """Where x_0 is a repelling fixed point."""
    w = np.linspace(one_unit.WALL_FROM, W_RANGE[1], 2)
    line = {"color": "$text", "width": 1.5, "dash": "dot"}
    return {**LINE, "x": w, "y": one_unit.wall(w), "name": "wall", "line": line, "hoverinfo": "skip"}


LINE = {"type": "scatter", "mode": "lines", "showlegend": False}


def level(name: str, left: float, right: float, height: float, x: str, y: str) -> dict:
    """A dotted horizontal line."""
    line = {"color": "$faint", "width": 1.5, "dash": "dot"}
    ends = {"x": np.array([left, right]), "y": np.array([height, height])}
    return {**LINE, **ends, "xaxis": x, "yaxis": y, "name": name, "line": line, "hoverinfo": "skip"}


def styles(name: str, colour: str, width: float) -> list[dict]:
    """The seven moving traces of a descent, in the order of `points`. The pointer reads the map below."""
    line, quiet = {"color": colour, "width": width}, {"name": name, "hoverinfo": "skip", "showlegend": False}
    path = {**quiet, "mode": "lines+markers", "line": line, "marker": {"size": width + 1.5, "color": colour}}
    large = {"size": 10, "color": colour, "symbol": "diamond"}
    branch = {**quiet, "type": "scatter", "mode": "lines", "y": STATES, "xaxis": "x3", "yaxis": "y3"}
    state = {"mode": "lines+markers", "marker": {**large, "size": [0, 9]}, "line": {"color": colour, "width": 1}}
    return [
        {**path, "type": "scatter3d", "line": {**line, "width": 2.5 * width}},
        {**path, "type": "scatter", "showlegend": True},
        {**quiet, "type": "scatter", "mode": "markers", "marker": large, "name": f"{name}, now"},
        {**path, "type": "scatter", "xaxis": "x2", "yaxis": "y2", "hoverinfo": "x+y+name"},
        {**branch, "line": line},
        {**branch, "line": {**line, "width": 1.5, "dash": "dash"}},
        {**branch, **state},
    ]


def points(path: Descent, n: int) -> list[dict]:
    """Where the moving traces of a descent are after n updates."""
    w, b, error, norm = (u[: n + 1] for u in (path.w, path.b, path.error, path.norm))
    inside = (w >= W_RANGE[0]) & (w <= W_RANGE[1]) & (b >= B_RANGE[0]) & (b <= B_RANGE[1])
    at, attracts = one_unit.fixed_points(w[-1], STATES)
    end = one_unit.states(w[-1], b[-1])[-1]
    with np.errstate(divide="ignore"):
        log10_norm = np.log10(norm)
    return [
        {axis_: np.where(inside, u, np.nan) for axis_, u in (("x", w), ("y", b), ("z", error))},
        {"x": w, "y": b},
        {"x": w[-1:], "y": b[-1:]},
        {"x": np.arange(n + 1), "y": log10_norm},
        {"x": np.where(attracts, at, np.nan)},
        {"x": np.where(attracts, np.nan, at)},
        {"x": np.array([b[-1], b[-1]]), "y": np.array([one_unit.START, end])},
    ]


def arrangement(updates: int, raw: Descent, clipped: Descent, threshold: float) -> dict:
    """Surface on the left, contour in the middle, norms over updates and fixed points over b on the right."""
    at = float(np.log10(threshold))
    norms = np.concatenate([raw.norm, clipped.norm, [threshold]])
    low, high = (
        float(edge(np.log10(end))) for edge, end in ((np.floor, norms[norms > 0].min()), (np.ceil, norms.max()))
    )
    in_3d = {"gridcolor": "$grid", "color": "$text", "showbackground": False, "showspikes": False}
    scene = {
        "domain": {"x": [0, 0.37], "y": [0, 1]},
        "xaxis": {**in_3d, "title": {"text": "w"}, "range": list(W_RANGE)},
        "yaxis": {**in_3d, "title": {"text": "b"}, "range": list(B_RANGE)},
        "zaxis": {**in_3d, "title": {"text": "E"}, "range": [0, 0.46]},
        "camera": {"eye": {"x": 0.72, "y": 1.68, "z": 0.72}, "center": {"x": 0, "y": 0, "z": -0.14}},
        "aspectratio": {"x": 1.1, "y": 1.1, "z": 0.7},
        "uirevision": "turned",
    }
    bar = {"thickness": 9, "outlinewidth": 0, "x": 0.69, "xpad": 0, "title": {"text": "E"}, "len": 0.9}
    scale = [[0, "$low"], [0.5, "$middle"], [1, "$high"]]
    right = [0.79, 1]
    return layout(
        height=470,
        margin={"l": 10, "r": 16, "t": 34, "b": 46},
        scene=scene,
        coloraxis={"cmin": 0, "cmax": 0.45, "colorscale": scale, "colorbar": bar},
        xaxis=axis(domain=[0.43, 0.68], title={"text": "w"}, range=list(W_RANGE)),
        yaxis=axis(title={"text": "b"}, range=list(B_RANGE)),
        xaxis2=axis(domain=right, anchor="y2", range=[-0.5, updates + 0.5], title={"text": "update", "standoff": 4}),
        yaxis2=decades_axis(
            low, high, domain=[0.6, 1], anchor="x2", title={"text": "‖∇E‖"}, dtick=-(-(high - low) // 4)
        ),
        xaxis3=axis(domain=right, anchor="y3", range=list(B_RANGE), title={"text": "b, for the present w"}),
        yaxis3=axis(domain=[0, 0.42], anchor="x3", range=list(X_RANGE), title={"text": "fixed points x"}, nticks=5),
        legend={"orientation": "h", "x": 0.43, "y": 1.02, "yanchor": "bottom"},
        annotations=[words_at("x<sub>0</sub> = ½", B_RANGE[1], one_unit.START, "3"), words_at("threshold", 0, at, "2")],
    )


def words_at(text: str, x: float, y: float, axes: str) -> dict:
    """Words on a dotted line, at its end."""
    side = {"xanchor": "left" if x == 0 else "right", "yanchor": "bottom", "showarrow": False, "font": {"size": 11}}
    return {"text": text, "x": x, "y": y, "xref": "x" + axes, "yref": "y" + axes, **side}


def fate(path: Descent) -> str:
    """What became of a descent: the error, its least and last, the largest gradient, and whether it left for good."""
    n, updates = int(np.argmax(path.norm[:-1])), len(path.w) - 1
    words = f"E {number(path.error[0])} → {number(path.error[-1])} (least {number(path.error.min())}) "
    words += f"in {updates} updates, the largest gradient, ‖∇E‖ = {number(path.norm[n])}, "
    words += f"moves it by {number(path.moved[n])} at update {n + 1}"
    w, b = path.w[-1], path.b[-1]
    outside = not (W_RANGE[0] <= w <= W_RANGE[1] and B_RANGE[0] <= b <= B_RANGE[1])
    return words + (f"; it is thrown out of the picture, to ({number(w)}, {number(b)})." if outside else ".")


def happening(raw: Descent, clipped: Descent, n: int) -> str:
    """Both descents after n updates."""
    words = [
        f"{name}: w = {number(p.w[n])}, b = {number(p.b[n])}, E = {number(p.error[n])}, ‖∇E‖ = {number(p.norm[n])} "
        f"→ next update {number(p.moved[n])} long"
        for name, p in zip(KINDS, (raw, clipped), strict=True)
    ]
    return f"After {steps(n).replace('step', 'update')} · " + " · ".join(words)
