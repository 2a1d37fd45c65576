"""How much of the last loss reaches each step, against the bound that no run can exceed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.diagnostics import FLOAT32_ZERO, FLOAT64_ZERO
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, decades_axis, decades_range, layout, power, time_axis


def gradient_terms(traces: Mapping[str, Trace]) -> Picture:
    """log10 ‖∂L_T/∂h_t‖ per variant, its bound (vanilla cells), and the total ‖∂L/∂h_t‖ if each step has a loss."""
    T = len(next(iter(traces.values())).last_row)
    t = np.arange(1, T + 1, dtype=np.int16)
    data, rows = [], []
    for name, trace in traces.items():
        rows.append(trace.memory_row)
        data.append(line(t, trace.memory_row, called(name, trace), f"${name}", width=2.5))
        if trace.bound is not None:
            data.append(line(t, trace.bound, f"{name} bound", f"${name}", dash="dash", width=1.2))
        if trace.last_row_c is not None:
            rows.append(trace.last_row)
            data.append(line(t, trace.last_row, f"{name}, at h", f"${name}", dash="dot", width=1.5))
        if trace.config.loss_at == "every":
            rows.append(trace.full.log10_dh_norms)
            data.append(line(t, rows[-1], f"{name} total ∂L/∂h", f"${name}@0.5", width=1.2))
    low, high = decades_range(*rows)
    for zero, label in ((FLOAT32_ZERO, "float32 reads 0"), (FLOAT64_ZERO, "float64 reads 0")):
        if low < zero:
            data.append(line(np.array([0.5, T + 0.5]), np.full(2, zero), label, "$faint", dash="dot", width=1.2))
    return Picture(
        "The last loss’s term ‖∂L_T/∂h_t‖ at each step",
        {
            "data": data,
            "layout": layout(xaxis=time_axis(T), yaxis=decades_axis(low, high), meta={"time": True}),
        },
        "From step T back to step 1: "
        + "; ".join(
            f"{called(name, trace)} {power(trace.memory_row[-1])} → {power(trace.memory_row[0])}"
            for name, trace in traces.items()
        )
        + reading_zero(traces),
    )


def called(name: str, trace: Trace) -> str:
    """A run by name; of the LSTM it is the cell state that is followed."""
    return name if trace.memory == "h" else f"{name}, at {trace.memory}"


def line(t: np.ndarray, log10: np.ndarray, name: str, colour: str, width: float = 2.0, dash: str = "solid") -> dict:
    """One curve of decades over time; −∞ (exactly zero) leaves a gap."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": t,
        "y": log10.astype(np.float32),
        "name": name,
        "line": {"color": colour, "width": width, "dash": dash},
        "meta": "log10",
    }


def reading_zero(traces: Mapping[str, Trace]) -> str:
    """Whose term single precision would lose, and from which step on."""
    lost = {
        name: np.flatnonzero(np.isfinite(trace.memory_row) & (trace.memory_row < FLOAT32_ZERO))
        for name, trace in traces.items()
    }
    words = [f"{name} at steps 1…{steps[-1] + 1}" for name, steps in lost.items() if len(steps)]
    return f". In float32 it would read 0 for {' and for '.join(words)}." if words else "."
