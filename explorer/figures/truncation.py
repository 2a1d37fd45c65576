"""The full gradient against the truncated one, small multiples per activation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.config import Config
from explorer.engine.clipping import angle
from explorer.engine.records import Trace
from explorer.figures.gradient_terms import line
from explorer.figures.theme import Picture, decades_axis, decades_range, layout, number, rows_domain, steps, time_axis
from explorer.run import keep_of, mask_of


def full_against_truncated(traces: Mapping[str, Trace]) -> Picture:
    """log10 ‖∂L/∂h_t‖ in full and truncated, cuts drawn, and the part that truncation takes away shaded."""
    first = next(iter(traces.values()))
    T, config = len(first.last_row), first.config
    t = np.arange(1, T + 1, dtype=np.int16)
    curves = [g.log10_dh_norms for trace in traces.values() for g in (trace.full, trace.used)]
    low, high = decades_range(*curves)
    edges = cut_edges(config)
    data, axes = [], {}
    for i, ((name, trace), domain) in enumerate(zip(traces.items(), rows_domain(len(traces), 0.1), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        on = {"xaxis": "x" + tail, "yaxis": "y" + tail, "showlegend": i == 0}
        data += [{**curve, **on} for curve in curves_of(trace, t, low)]
        if len(edges):
            data.append({**cuts(edges, low, high), **on})
        last = i == len(traces) - 1
        axes["xaxis" + tail] = time_axis(T, anchor="y" + tail, matches="x" if i else None, showticklabels=last)
        axes["yaxis" + tail] = decades_axis(low, high, domain=domain, title={"text": name}, nticks=4)
    title = "Full against truncated: nothing is cut" if first.truncated is None else f"Full against {called(config)}"
    return Picture(
        f"{title}, ‖∂L/∂h_t‖",
        {"data": data, "layout": layout(meta={"time": True}, **axes)},
        " ".join(sentence(name, trace) for name, trace in traces.items()),
    )


def cut_edges(config: Config) -> np.ndarray:
    """Where the chain is cut: between steps t and t + 1 (1-based) stands t + ½. Sliding windows have no common cut."""
    keep = keep_of(config)
    return np.empty(0) if keep is None else np.flatnonzero(keep[1:] == 0.0) + 1.5


def called(config) -> str:
    """The truncation by name, with its window."""
    return f"{config.truncation} truncation, window {config.window}"


def curves_of(trace: Trace, t: np.ndarray, low: float) -> list[dict]:
    """The shaded loss, the truncated and the full curve; steps that get exactly 0 are marked at the bottom."""
    full = line(t, trace.full.log10_dh_norms, "full", "$full", width=2)
    if trace.truncated is None:
        return [full]
    log10 = trace.truncated.log10_dh_norms
    there, back = np.maximum(log10, low), np.maximum(trace.full.log10_dh_norms, low)[::-1]
    outline = line(np.concatenate([t, t[::-1]]), np.concatenate([there, back]), "cut away", "$truncated@0", width=0)
    lost = {**outline, "fill": "toself", "fillcolor": "$truncated@0.16", "meta": "silent", "hoverinfo": "skip"}
    zero = np.where(np.isneginf(log10), low, np.nan)
    dashes = line(t, zero, "exactly 0", "$truncated", dash="dash")
    exactly_zero = {**dashes, "meta": "zero", "cliponaxis": False}
    truncated = line(t, log10, "truncated", "$truncated", width=3.5)
    return [lost, truncated, full, exactly_zero]


def cuts(edges: np.ndarray, low: float, high: float) -> dict:
    """All block edges as one line with gaps."""
    x = np.repeat(edges, 3).astype(np.float32)
    y = np.tile(np.array([low, high, np.nan], dtype=np.float32), len(edges))
    return {**line(x, y, "cut", "$truncated@0.55", width=1, dash="dot"), "meta": "silent", "hoverinfo": "skip"}


def sentence(name: str, trace: Trace) -> str:
    """What the truncation does to the gradient of W_hh: its length, its direction, and the steps that get nothing."""
    if trace.truncated is None:
        return f"{name}: the full gradient, ‖∂L/∂W_hh‖ = {number(trace.full.norms['W_hh'])}."
    full, cut = ({"W_hh": g.grads["W_hh"]} for g in (trace.full, trace.truncated))
    if not np.isfinite(trace.full.norm):
        return f"{name}: the full gradient is beyond float64."
    zero, lost = (np.isneginf(gradient.log10_dh_norms) for gradient in (trace.truncated, trace.full))
    if lost.any():  # then a 0 need not come from a cut: which steps hear a loss that is taken, the mask knows
        zero = ~(mask_of(trace.config)[trace.loss_mask > 0.0] != 0.0).any(axis=0)
    silent = f", and {zero.sum()} of {len(zero)} steps hear exactly nothing" if zero.any() else ""
    silent += f"; of the full gradient, float64 reads 0 at {steps(int(lost.sum()))}" if lost.any() else ""
    if not trace.full.norms["W_hh"]:
        return f"{name}: the gradient of W_hh is 0, nothing can be cut."
    ratio = trace.truncated.norms["W_hh"] / trace.full.norms["W_hh"]
    turned = angle(full, cut)
    direction = f", turned by {turned:.1f}°" if np.isfinite(turned) else ""
    return f"{name}: ∂L/∂W_hh is {number(100 * ratio, 2)}% as long as in full{direction}{silent}."
