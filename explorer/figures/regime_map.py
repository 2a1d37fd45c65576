"""The map of regimes: what becomes of the last loss's term over sequence length and weight scale, from real runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from explorer.config import Config
from explorer.engine.diagnostics import spread
from explorer.engine.records import RegimeMap, Trace
from explorer.figures.flow_matrix import line
from explorer.figures.rates import scale_axis
from explorer.figures.theme import Picture, axis, layout, number, power

DECADES = 15.0  # the colour scale ends at 10⁻¹⁵ and 10¹⁵, the same for every map
EVERY = 4  # a column of the map is every fourth length


def lengths(regimes: RegimeMap) -> np.ndarray:
    """The sequence lengths that have a column."""
    return np.arange(EVERY, regimes.config.sequence_length + 1, EVERY)


def map_of_regimes(traces: Mapping[str, Trace], regimes: RegimeMap, trail: Sequence[tuple[int, float]] = ()) -> Picture:
    """Median over seeds of log10 ‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖, one map per activation side by side, one colour scale.

    Lines: where γ σ_max = 1 (median over seeds), the present setting, and the points of the trail.
    """
    config = next(iter(traces.values())).config
    T, heights = lengths(regimes), np.log10(regimes.scales)
    data, axes = [], {}
    width = 1.0 / len(traces)
    for i, name in enumerate(traces):
        tail = "" if i == 0 else str(i + 1)
        on = {"xaxis": "x" + tail, "yaxis": "y" + tail}
        domain = [round(i * width + 0.02, 4), round((i + 1) * width - 0.02, 4)]
        span = [EVERY / 2, regimes.config.sequence_length + EVERY / 2]
        data.append({**cells(regimes, name, T, heights), **on})
        data += [{**each, **on, "showlegend": i == 0} for each in lines(regimes, name, span, config, trail)]
        title = {"text": f"{name}: {'length ' if len(traces) < 3 else ''}T", "standoff": 2}
        along = axis(range=span, nticks=6, showgrid=False, title=title)
        axes["xaxis" + tail] = {**along, "domain": domain, "anchor": "y" + tail}
        half = (heights[1] - heights[0]) / 2
        rows = scale_axis([heights[0] - half, heights[-1] + half], anchor="x" + tail, showticklabels=i == 0)
        axes["yaxis" + tail] = {**rows, "title": {"text": "weight scale" if i == 0 else ""}, "showgrid": False}
    bar = {"thickness": 9, "outlinewidth": 0, "x": 1.01, "xpad": 0, "nticks": 5, "tickprefix": "10<sup>"}
    colours = {
        "cmin": -DECADES,
        "cmax": DECADES,
        "colorscale": [[0, "$low"], [0.5, "$middle"], [1, "$high"]],
        "colorbar": {**bar, "ticksuffix": "</sup>"},
    }
    heads = {"x": [f"T = {t}" for t in T.tolist()], "y": [f"weight scale {s:g}" for s in regimes.scales]}
    return Picture(
        "Map: ‖∂L_T/∂h_1‖ ÷ ‖∂L_T/∂h_T‖ over T and weight scale (click: Explore)",
        {
            "data": data,
            "layout": layout(coloraxis=colours, meta={"cells": heads}, **axes),
        },
        f"Median of {len(regimes.seeds)} seeds, the colours end at 10⁻¹⁵ and 10¹⁵. "
        + " ".join(sentence(regimes, name, config.sequence_length) for name in traces),
    )


def cells(regimes: RegimeMap, name: str, T: np.ndarray, heights: np.ndarray) -> dict:
    """The map as a heatmap; the pointer reads the median, the least and the largest of the seeds."""
    ratios = regimes.ratios[name][..., T - 1].transpose(0, 2, 1)  # (S, T, W)
    least, median, most = spread(ratios)
    seeds = {"least": least, "median": median, "most": most}
    return {
        "type": "heatmap",
        "z": np.clip(median, -DECADES, DECADES).astype(np.float32),
        "transpose": True,
        "x0": EVERY,
        "dx": EVERY,
        "y0": float(heights[0]),
        "dy": float(heights[1] - heights[0]),
        "coloraxis": "coloraxis",
        "name": name,
        "meta": {"missing": "$missing", "seeds": {key: part.astype(np.float32) for key, part in seeds.items()}},
    }


def lines(
    regimes: RegimeMap, name: str, span: Sequence[float], config: Config, trail: Sequence[tuple[int, float]]
) -> list[dict]:
    """The theory's line, a cross at the present setting, the trail."""
    edge = np.log10(np.median(regimes.critical(name)))
    now, ends = np.log10(max(config.weight_scale, 1e-9)), np.log10([regimes.scales[0], regimes.scales[-1]])
    cross = np.array([config.sequence_length] * 2 + [np.nan, *span]), np.array([*ends, np.nan, now, now])
    drawn = [
        line(
            np.array(span), np.array([edge, edge]), "γ·σ_max = 1: below it guaranteed to vanish", "$text", 2.0, "dash"
        ),
        line(*cross, "here", "$text", 1.0, "solid"),
    ]
    if trail:
        visited = np.array(trail, dtype=float)
        dots = {"marker": {"color": "$text", "size": 8, "symbol": "circle-open"}, "mode": "lines+markers"}
        drawn.append({**line(visited[:, 0], np.log10(visited[:, 1]), "visited", "$text", 1.0, "dot"), **dots})
    return drawn


def sentence(regimes: RegimeMap, name: str, T: int) -> str:
    """Below which scale theory settles it, and the extremes at this length."""
    critical, (_, median, _) = regimes.critical(name), spread(regimes.ratios[name][..., T - 1])
    settled = f"{name}: must vanish below scale {number(float(np.median(critical)), 2)}"
    seeds = f" (seeds {number(float(critical.min()), 2)}…{number(float(critical.max()), 2)})"
    known = ~np.isnan(median)
    if not known.any():
        return f"{settled}{seeds}, no run of T = {T} has a number."
    holes = "" if known.all() else f"; no number at {(~known).sum()} scales (overflow, or a loss that sends nothing)"
    low, high = (power(float(x), 2) for x in (median[known].min(), median[known].max()))
    return f"{settled}{seeds}, at T = {T} from ×{low} to ×{high}{holes}."
