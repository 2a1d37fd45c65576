"""An activation applied over and over, and its derivative: it flattens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Activation
from explorer.engine.records import Trace
from explorer.figures.activation_curves import A, line, marker
from explorer.figures.theme import Picture, axis, decades_axis, layout, number, power, rows_domain

DEEPEST = -12.0  # decades: where the picture of the slopes ends


def iterated(traces: Mapping[str, Trace], times: int, a: float) -> Picture:
    """φ, φ∘φ, … applied up to `times` times."""
    curves = {name: compositions(ACTIVATIONS[name], A, times)[0] for name in traces}
    ends = {name: compositions(ACTIVATIONS[name], np.array([a]), times)[0][-1, 0] for name in traces}
    words = "; ".join(f"{name}: {number(end)}" for name, end in ends.items())
    figure = stacked(curves, ends, a, axis(range=[-1.1, 1.1], dtick=1))
    return Picture("φ applied over and over: φ∘…∘φ(a)", figure, f"a = {number(a)} after {times} times: {words}.")


def iterated_slope(traces: Mapping[str, Trace], times: int, a: float) -> Picture:
    """log10 of the derivatives of those."""
    with np.errstate(divide="ignore"):
        curves = {name: np.log10(compositions(ACTIVATIONS[name], A, times)[1]) for name in traces}
        ends = {name: np.log10(compositions(ACTIVATIONS[name], np.array([a]), times)[1][-1, 0]) for name in traces}
    words = [
        f"{name}: {power(float(end))}, at most γⁿ = {number(ACTIVATIONS[name].gamma ** times)}"
        for name, end in ends.items()
    ]
    figure = stacked(curves, ends, a, decades_axis(DEEPEST, 0.6, nticks=4))
    return Picture("… and its derivative, a product of φ′", figure, f"At a = {number(a)}: {'; '.join(words)}.")


def compositions(phi: Activation, a: np.ndarray, times: int) -> tuple[np.ndarray, np.ndarray]:
    """φ∘…∘φ(a) for n = 1 … times, and its derivative by the chain rule, each (times, len(a))."""
    values, slopes, slope = [], [], np.ones_like(a)
    for _ in range(times):
        slope = slope * phi.dphi(a)
        a = phi.phi(a)
        values.append(a)
        slopes.append(slope)
    return np.array(values), np.array(slopes)


def stacked(curves: Mapping[str, np.ndarray], ends: Mapping[str, float], a: float, scale: dict[str, Any]) -> dict:
    """Small multiples, the curves of n = 1, 2, … on top of one another, the last one bold with its point at a."""
    data, axes = [], {}
    for i, ((name, family), domain) in enumerate(zip(curves.items(), rows_domain(len(curves), 0.1), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        on, times, bottom = {"xaxis": "x" + tail, "yaxis": "y" + tail}, len(family), i == len(curves) - 1
        for n, curve in enumerate(family[:-1], start=1):
            faint = line(A, curve, f"{name}, {n}×", f"${name}@{0.2 + 0.5 * n / times:.2f}", 1.0)
            data.append({**faint, **on, "showlegend": False})
        data.append({**line(A, family[-1], f"{name}, {times}×", f"${name}", 2.8), **on})
        data.append({**marker(a, ends[name], f"${name}"), **on})
        along = {"range": [-6, 6], "dtick": 2, "showticklabels": bottom, "title": {"text": "a" if bottom else ""}}
        axes["xaxis" + tail] = axis(**along, anchor="y" + tail)
        axes["yaxis" + tail] = {**scale, "anchor": "x" + tail, "domain": domain, "title": {"text": name}}
    return {"data": data, "layout": layout(**axes)}
