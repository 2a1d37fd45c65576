"""The V of a gradient check: how far difference quotients are from the gradient, over the size of the nudge."""

from __future__ import annotations

import numpy as np

from explorer.engine.checks import Quotients
from explorer.figures.theme import Picture, decades_axis, layout, number

LOWEST = -17.0  # decades; two float64 numbers that agree in all digits are drawn here


def gradient_check(quotients: Quotients, gradient: float) -> Picture:
    """log10 of the relative error of each quotient; 10⁻¹⁷ stands for "equal in every digit"."""
    scale = abs(gradient) or 1.0
    curves = {
        "forward difference": (quotients.forward, "$faint", "dash"),
        "central difference": (quotients.central, "$text", "solid"),
        "complex step": (quotients.complex_step, "$low", "solid"),
    }
    data, best = [], {}
    for name, (values, colour, dash) in curves.items():
        error = np.abs(values - gradient) / scale
        with np.errstate(divide="ignore"):
            log10 = np.maximum(np.log10(error), LOWEST)
        best[name] = int(np.argmin(error))
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": np.log10(quotients.eps),
                "y": log10,
                "name": name,
                "line": {"color": colour, "dash": dash, "width": 2},
                "hovertemplate": f"{name}, ε = 10^%{{x:.0f}}: error 10^%{{y:.1f}}<extra></extra>",
            }
        )
    right, high = np.log10(quotients.eps).max() + 0.5, max(1.0, *(float(d["y"].max()) + 0.5 for d in data))
    e = best["central difference"]
    if gradient == 0.0 and not quotients.central.any():
        words = "This weight changes nothing here: the gradient and every quotient are exactly 0."
    else:
        words = (
            f"The central difference is best at ε = {number(float(quotients.eps[e]), 1)}: larger nudges see the curve "
            "of the loss (truncation), smaller ones the last digits of float64 (rounding). The complex step subtracts "
            "nothing, so it improves down to the last digit of float64 and stays there."
        )
    return Picture(
        "Error of the difference quotient, over ε",
        {
            "data": data,
            "layout": layout(
                xaxis=decades_axis(float(np.log10(quotients.eps).min()) - 0.5, float(right), title={"text": "ε"}),
                yaxis=decades_axis(LOWEST - 0.5, float(high), title={"text": "relative error"}),
            ),
        },
        words,
    )
