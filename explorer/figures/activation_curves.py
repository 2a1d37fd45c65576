"""Activations under a microscope: φ and φ′ at one input, and sigmoid as one of tanh's family."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.activations import ACTIVATIONS, Activation
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, number

A = np.linspace(-6.0, 6.0, 241)


def activation_curves(traces: Mapping[str, Trace], a: float) -> Picture:
    """φ solid, φ′ dashed, γ as a thin line, the tangent at a; points are φ(a) and φ′(a)."""
    data, words = [], []
    for name in traces:
        phi = ACTIVATIONS[name]
        point, slope = at(phi, a)
        data.append(line(A, phi.phi(A), f"{name}: φ", f"${name}", 2.5))
        data.append(line(A, phi.dphi(A), f"{name}′ ≤ γ = {phi.gamma:g}", f"${name}", 1.8, "dash"))
        near = np.array([a - 1.0, a + 1.0])
        data.append({**line(near, point + slope * (near - a), "", "$text", 1.2), "showlegend": False})
        data.append({**line(A[[0, -1]], np.full(2, phi.gamma), "", f"${name}@0.5", 1.0, "dot"), "showlegend": False})
        data += [marker(a, y, f"${name}") for y in (point, slope)]
        words.append(f"{name}({number(a)}) = {number(point)}, φ′ = {number(slope)}: {slope / phi.gamma:.0%} of γ")
    data.append({**line(np.full(2, a), np.array([-1.2, 1.6]), "", "$faint", 1.0, "dot"), "showlegend": False})
    return Picture(
        "φ and its slope φ′ at the input a",
        {
            "data": data,
            "layout": layout(
                xaxis=axis(range=[-6, 6], title={"text": "a"}, dtick=2),
                yaxis=axis(range=[-1.15, 1.25], title={"text": "φ(a), φ′(a)"}),
            ),
        },
        "; ".join(words) + ".",
    )


def at(phi: Activation, a: float) -> tuple[float, float]:
    """φ(a), φ′(a)."""
    point = np.array([a])
    return float(phi.phi(point)[0]), float(phi.dphi(point)[0])


def line(x: np.ndarray, y: np.ndarray, name: str, colour: str, width: float, dash: str = "solid") -> dict:
    """A curve."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x.astype(np.float32),
        "y": y.astype(np.float32),
        "name": name,
        "line": {"color": colour, "width": width, "dash": dash},
    }


def marker(x: float, y: float, colour: str) -> dict:
    """A point."""
    place = {"x": np.array([x], np.float32), "y": np.array([y], np.float32)}
    look = {"color": colour, "size": 9, "symbol": "diamond"}
    return {"type": "scatter", "mode": "markers", **place, "name": "", "marker": look, "showlegend": False}


def family() -> Picture:
    """Sigmoid out of tanh: twice as wide, then half as high and moved up; so its slope is half of a half."""
    half, tanh, sigmoid = np.tanh(A / 2), ACTIVATIONS["tanh"], ACTIVATIONS["sigmoid"]
    dots, exponential = A[::12], 1.0 / (1.0 + np.exp(-A[::12]))
    gap = float(np.abs(exponential - (1.0 + np.tanh(dots / 2)) / 2).max())
    ring = {"color": "$text", "size": 7, "symbol": "circle-open"}
    data = [
        line(A, tanh.phi(A), "tanh a, slope 1 at 0", "$tanh", 2.0),
        line(A, half, "tanh(a/2), slope ½", "$faint", 2.0, "dash"),
        line(A, (1.0 + half) / 2, "(1 + tanh(a/2))/2, slope ¼", "$sigmoid", 2.5),
        {**line(dots, exponential, "1/(1 + e⁻ᵃ)", "$text", 0.0), "mode": "markers", "marker": ring},
    ]
    slopes = ", ".join(f"{x:g}" for x in (tanh.dphi(np.zeros(1))[0], 0.5 * tanh.dphi(np.zeros(1))[0], sigmoid.gamma))
    return Picture(
        "One family: sigmoid(a) = (1 + tanh(a/2))/2",
        {"data": data, "layout": layout(xaxis=axis(title={"text": "a"}, dtick=2), yaxis=axis(range=[-1.1, 1.1]))},
        f"Slopes at 0: {slopes}. Curve and rings differ by at most {number(gap, 1)}, rounding.",
    )
