"""The leading Lyapunov exponents of a run, as they converge over the steps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.diagnostics import observed_rate
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, number, rows_domain
from explorer.run import exponents

LEADING = 4
WIDTHS = (2.5, 1.6, 1.2, 0.8)


def convergence(traces: Mapping[str, Trace]) -> Picture:
    """λ_1 … λ_4 after t steps, with log10 γσ_max above them and the observed rate beside; small multiples."""
    data, axes, words = [], {}, []
    for i, ((name, trace), domain) in enumerate(zip(traces.items(), rows_domain(len(traces), 0.14), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        on = {"type": "scatter", "mode": "lines", "xaxis": "x" + tail, "yaxis": "y" + tail, "showlegend": i == 0}
        found = leading(trace)
        t = np.arange(1, len(found) + 1)
        for j, width in enumerate(WIDTHS[: found.shape[1]]):
            line = {"color": f"${name}", "width": width}
            data.append({**on, "x": t, "y": found[:, j], "name": f"λ_{j + 1}", "line": line})
        ends = np.array([1, len(found)])
        with np.errstate(divide="ignore"):
            bound, rate = float(np.log10(trace.activation.gamma * trace.sigma_max)), observed_rate(trace.last_row)
        for value, label, dash in ((bound, "log₁₀ γ·σ_max", "dash"), (rate, "observed rate", "dot")):
            data.append(
                {**on, "x": ends, "y": np.full(2, value), "name": label, "line": {"color": "$text", "dash": dash}}
            )
        last = i == len(traces) - 1
        title = {"text": "steps t" if last else ""}
        axes["xaxis" + tail] = axis(anchor="y" + tail, range=[0, len(found)], showticklabels=last, title=title)
        values = found[len(found) // 20 :]
        values = np.concatenate([values[np.isfinite(values)], [0.0], [v for v in (bound, rate) if np.isfinite(v)]])
        margin = 0.06 * (values.max() - values.min()) + 0.01
        spread = [float(values.min() - margin), float(values.max() + margin)]
        axes["yaxis" + tail] = axis(anchor="x" + tail, range=spread, domain=domain, title={"text": f"{name}, decades"})
        words.append(sentence(name, found, rate))
    return Picture(
        "Leading Lyapunov exponents, decades per step, as they converge",
        {"data": data, "layout": layout(**axes)},
        " ".join(words),
    )


def leading(trace: Trace) -> np.ndarray:
    """The exponents of a run; NaN where it overflows."""
    n = min(LEADING, trace.hs.shape[-1])
    return exponents(trace, n) if np.isfinite(trace.slopes).all() else np.full((len(trace.xs), n), np.nan)


def sentence(name: str, found: np.ndarray, rate: float) -> str:
    """The last values, and what the sign of the first says."""
    if np.isnan(found[-1, 0]):
        return f"{name}: the run overflows, there are no exponents."
    if found[-1, 0] == -np.inf:
        return f"{name}: every direction ends at exactly 0."
    meaning = "small changes grow" if found[-1, 0] > 0.0 else "small changes die out"
    values = ", ".join(number(float(value), 2) for value in found[-1])
    drift = abs(found[-1, 0] - found[len(found) // 2, 0])
    return (
        f"{name}: λ = {values} after {len(found)} steps ({meaning}); λ_1 moved by {number(float(drift), 1)} over the "
        f"second half, the observed rate is {number(rate, 2)}."
    )
