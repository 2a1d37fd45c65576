"""One factor under the lens: ∂h_t/∂h_{t−1} at one step of the real run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.diagnostics import SATURATED
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, number


def factor(traces: Mapping[str, Trace], step: int) -> Picture:
    """Singular values of ∂s_t/∂s_{t−1}; of the RNN, diag(φ′(a_t)) W_hhᵀ, beside W_hh: what φ′ leaves of the weights."""
    first = next(iter(traces.values()))
    step = min(step, len(first.xs))
    curves, words = {}, []
    for name, trace in traces.items():
        values = np.linalg.svd(trace.cell.jacobian(trace.params, trace.factors[step - 1])[0], compute_uv=False)
        if not trace.cell.gated:
            alone = np.linalg.svd(trace.params["W_hh"], compute_uv=False)
            curves["W_hh alone"] = (alone, "$faint", "dash")
        curves[name] = (values, f"${name}", "solid")
        words.append(f"{name}: {sentence(trace, step, values)}")
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": np.arange(1, len(values) + 1),
            "y": values,
            "name": name,
            "line": {"color": colour, "dash": dash, "width": 2},
            "marker": {"size": 5},
        }
        for name, (values, colour, dash) in curves.items()
    ]
    most = max(len(values) for values, _, _ in curves.values())
    one = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 1, "y1": 1}
    return Picture(
        f"One factor: singular values of {title(traces)} at step {step}",
        {
            "data": data,
            "layout": layout(
                xaxis=axis(title={"text": "rank"}, range=[0.5, most + 0.5]),
                yaxis=axis(title={"text": "singular value"}, rangemode="tozero"),
                shapes=[{**one, "line": {"color": "$faint", "dash": "dot", "width": 1}}],
            ),
        },
        "; ".join(words) + ".",
    )


def title(traces: Mapping[str, Trace]) -> str:
    """The factor as its cell has it."""
    if any(trace.cell.gated for trace in traces.values()):
        return "the state’s Jacobian ∂s_t/∂s_{t−1}"
    return "diag(φ′(a_t)) W_hhᵀ"


def sentence(trace: Trace, step: int, values: np.ndarray) -> str:
    """What the factor does at this step: how much it can enlarge, and in how many directions."""
    grow = f"{(values > 1.0).sum()} of {len(values)} directions grow"
    if trace.cell.gated:
        parts = " and ".join(trace.cell.parts)
        return f"σ_max of the factor of {parts} is {number(values[0])}, {grow}"
    flat = int((trace.slopes[step - 1, 0] < SATURATED * trace.activation.gamma).sum())
    return (
        f"σ_max {number(trace.sigma_max)} of W_hh becomes {number(values[0])}, "
        f"{flat} of {len(values)} units have φ′ < γ/10, {grow}"
    )
