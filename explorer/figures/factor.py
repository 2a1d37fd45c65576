"""One factor under the lens: ∂h_t/∂h_{t−1} at one step of the real run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.cells import CELLS
from explorer.engine.diagnostics import SATURATED
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, number


def factor(traces: Mapping[str, Trace], step: int) -> Picture:
    """Singular values of diag(φ′(a_t)) W_hhᵀ beside those of W_hh: what φ′ leaves of the weights at this step."""
    first = next(iter(traces.values()))
    step, H = min(step, len(first.xs)), len(first.params["W_hh"])
    rank = np.arange(1, H + 1)
    curves = {"W_hh alone": (np.linalg.svd(first.params["W_hh"], compute_uv=False), "$faint", "dash")}
    words = []
    for name, trace in traces.items():
        slope = trace.slopes[step - 1, 0]
        values = np.linalg.svd(
            CELLS[trace.config.cell].jacobian(trace.params, trace.slopes[step - 1])[0], compute_uv=False
        )
        curves[name] = (values, f"${name}", "solid")
        flat = int((slope < SATURATED * trace.activation.gamma).sum())
        words.append(
            f"{name}: σ_max {number(curves['W_hh alone'][0][0])} of W_hh becomes {number(values[0])}, "
            f"{flat} of {H} units have φ′ < γ/10, {(values > 1.0).sum()} directions grow"
        )
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": rank,
            "y": values,
            "name": name,
            "line": {"color": colour, "dash": dash, "width": 2},
            "marker": {"size": 5},
        }
        for name, (values, colour, dash) in curves.items()
    ]
    one = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 1, "y1": 1}
    return Picture(
        f"One factor: singular values of diag(φ′(a_t)) W_hhᵀ at step {step}",
        {
            "data": data,
            "layout": layout(
                xaxis=axis(title={"text": "rank"}, range=[0.5, H + 0.5]),
                yaxis=axis(title={"text": "singular value"}, rangemode="tozero"),
                shapes=[{**one, "line": {"color": "$faint", "dash": "dot", "width": 1}}],
            ),
        },
        "; ".join(words) + ".",
    )
