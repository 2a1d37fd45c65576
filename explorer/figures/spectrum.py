"""The eigenvalues of W_hh in the complex plane, against the circles that they are often judged by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, number

REACH = (
    1.3,
    2.0,
    3.0,
    4.4,
    6.0,
    8.5,
    12.0,
    17.0,
    24.0,
    34.0,
    50.0,
    100.0,
    500.0,
)  # where the axes may end, so that they rarely jump
ANGLES = np.linspace(0.0, 2.0 * np.pi, 145)


def spectrum(traces: Mapping[str, Trace]) -> Picture:
    """Eigenvalues, the unit circle, the circle 1/γ of every activation, and σ_max."""
    first = next(iter(traces.values()))
    values = np.linalg.eigvals(first.params["W_hh"])
    radii = {name: 1.0 / trace.activation.gamma for name, trace in traces.items() if trace.activation.gamma != 1.0}
    data = [circle(1.0, "unit circle", "$faint", "solid")]
    data += [circle(radius, f"{name}: 1/γ = {number(radius, 2)}", f"${name}", "dash") for name, radius in radii.items()]
    data.append(circle(first.sigma_max, "σ_max", "$text", "dot"))
    data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": values.real.astype(np.float32),
            "y": values.imag.astype(np.float32),
            "name": "eigenvalues",
            "marker": {"color": "$text", "size": 6, "symbol": "circle-open"},
        }
    )
    widest = max(1.0, first.sigma_max, *radii.values())
    end = next(reach for reach in (*REACH, widest) if reach >= widest)
    plane = {"range": [-end, end], "nticks": 7}
    outside = [f"{(np.abs(values) > 1.0).sum()} of {len(values)} outside the unit circle"]
    outside += [f"{(np.abs(values) > radius).sum()} outside {name}’s 1/γ" for name, radius in radii.items()]
    return Picture(
        "Eigenvalues of W_hh: what an eigenvalue can and cannot say",
        {
            "data": data,
            "layout": layout(
                xaxis=axis(**plane, title={"text": "real part"}),
                yaxis=axis(**plane, title={"text": "imaginary part"}, scaleanchor="x", constrain="domain"),
            ),
        },
        f"{', '.join(outside)}; ρ = {number(first.rho)}, σ_max = {number(first.sigma_max)}. Unless φ is "
        f"the identity, φ′ makes every factor diag(φ′)·W_hhᵀ another matrix: no circle decides.",
    )


def circle(radius: float, name: str, colour: str, dash: str) -> dict:
    """A circle about 0."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": (radius * np.cos(ANGLES)).astype(np.float32),
        "y": (radius * np.sin(ANGLES)).astype(np.float32),
        "name": name,
        "line": {"color": colour, "dash": dash, "width": 1.5},
        "meta": "silent",
        "hoverinfo": "skip",
    }
