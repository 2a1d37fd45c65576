"""What clipping leaves of the gradient's way back: the flow matrix before and after, and what each step hands in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.diagnostics import HORIZON
from explorer.engine.records import Gradients, Trace
from explorer.figures.flow_matrix import MOST_CELLS, cells, colours, note, side
from explorer.figures.gradient_terms import line
from explorer.figures.theme import Picture, axis, decades_axis, decades_range, layout, power, rows_domain, time_axis
from explorer.run import clip, flow_clipped

DECADES = (-15.0, 5.0)  # of the colours: blue is 10⁰, as on Gradient flow, and what clipping changes is seen


def flow_before_and_after(traces: Mapping[str, Trace]) -> Picture:
    """log10 ‖∂L_t/∂h_k‖ as it is, which every clipping of the finished gradient leaves alone, and clipped per step."""
    T = len(next(iter(traces.values())).xs)
    data, axes, notes, words = [], {}, [], []
    for (name, trace), height in zip(traces.items(), rows_domain(len(traces), 0.08), strict=True):
        stepwise = clip(trace, "step") or trace.full
        matrices = (trace.flow.log10_norms, trace.full), (flow_clipped(trace), stepwise)
        for j, (norms, gradients) in enumerate(matrices):
            tail = "" if not data else str(len(data) + 1)
            when = "clipped" if j else "before"
            matrix = cells(norms, gradients.log10_dh_norms, f"{name}, {when}", -(-T // MOST_CELLS))
            data.append({**matrix, **on_axes(tail)})
            left, square = 0.5 * j, side(T, 6)
            below = height[0] == 0.0
            axes["xaxis" + tail] = axis(
                **square, domain=[left + 0.02, left + 0.48], anchor="y" + tail, showticklabels=below
            )
            upright = {"range": [T + 0.5, 0.5], "domain": height, "showticklabels": j == 0}
            axes["yaxis" + tail] = axis(
                **{**square, **upright}, anchor="x" + tail, title={"text": "" if j else "loss t"}
            )
            notes.append({**note(f"<b>{name}</b>, {when}<br>state k →", left + 0.48), "y": height[1] - 0.02})
        words.append(far_and_near(name, *(norms[-1] for norms, _ in matrices)))
    return Picture(
        "Gradient flow ‖∂L_t/∂h_k‖ before and clipped per step",
        {"data": data, "layout": layout(coloraxis=colours(DECADES), meta={"time": True}, annotations=notes, **axes)},
        " ".join(words),
    )


def on_axes(tail: str) -> dict:
    """The axes with this number."""
    return {"xaxis": "x" + tail, "yaxis": "y" + tail}


def far_and_near(name: str, before: np.ndarray, after: np.ndarray) -> str:
    """The last loss's term at step 1 against the one at step T, before and after."""
    if not (np.isfinite(before[-1]) and np.isfinite(after[-1])):
        return f"{name}: the last loss sends nothing back."
    ratios = [row[0] - row[-1] for row in (before, after)]
    same = "the same" if (before == after).all() else power(ratios[1], 2)
    verdict = " Clipping does not cure vanishing." if max(ratios) < HORIZON else ""
    words = f"{name}: far/near, ‖∂L_T/∂h_1‖/‖∂L_T/∂h_T‖, is {power(ratios[0], 2)} and stays so under any other clipping"
    return f"{words}; per step it is {same}.{verdict}"


def handed_in(traces: Mapping[str, Trace]) -> Picture:
    """‖∂L/∂h_k‖ as it goes into the update: raw, times the one factor of clipping by norm, and clipped per step."""
    first = next(iter(traces.values()))
    T = len(first.xs)
    t = np.arange(1, T + 1, dtype=np.int16)
    curves = {name: lines_of(trace) for name, trace in traces.items()}
    low, high = decades_range(*(norms for of in curves.values() for norms in of.values()))
    data, axes = [], {}
    for i, ((name, of), domain) in enumerate(zip(curves.items(), rows_domain(len(traces), 0.1), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        for kind, norms in of.items():
            drawn = line(t, norms, kind, *LOOKS[kind])
            data.append({**drawn, **on_axes(tail), "showlegend": i == 0})
        last = i == len(traces) - 1
        axes["xaxis" + tail] = time_axis(T, anchor="y" + tail, matches="x" if i else None, showticklabels=last)
        axes["yaxis" + tail] = decades_axis(low, high, domain=domain, title={"text": name}, nticks=4)
    return Picture(
        "What each step contributes, ‖∂L/∂h_k‖ as it enters the update",
        {"data": data, "layout": layout(meta={"time": True}, **axes)},
        " ".join(shift(name, trace, curves[name]) for name, trace in traces.items()),
    )


LOOKS = {"by norm": ("$clipped", 4), "raw": ("$full", 2), "per step": ("$clipped", 2, "dash")}


def lines_of(trace: Trace) -> dict[str, np.ndarray]:
    """log10 ‖∂L/∂h_k‖ (T,) of the gradient clipped by norm, of the raw one on top, and of the one clipped per step."""
    raw, by_norm, stepwise = trace.used.log10_dh_norms, clip(trace, "norm"), clip(trace, "step")
    made = {"by norm": raw + factor(trace.used, by_norm)} if by_norm else {}
    made["raw"] = raw
    if stepwise:
        made["per step"] = stepwise.log10_dh_norms
    return made


def factor(raw: Gradients, clipped: Gradients) -> float:
    """log10 of the one number that clipping by norm multiplies everything with."""
    return 0.0 if raw.norm == clipped.norm else float(np.log10(clipped.norm) - np.log10(raw.norm))


def shift(name: str, trace: Trace, of: Mapping[str, np.ndarray]) -> str:
    """The factor of clipping by norm, the same at every step; and what clipping per step does to the first and last."""
    if len(of) < 3:
        return f"{name}: the gradient is not finite, nothing can be clipped."
    (near, far), (near_cut, far_cut) = ((of[kind][-1], of[kind][0]) for kind in ("raw", "per step"))
    all_steps = power(factor(trace.used, clip(trace, "norm")), 2)
    words = "leaves every step as it is" if all_steps == "1.0" else f"takes every step times {all_steps}"
    last, first = f"{power(near, 2)} → {power(near_cut, 2)}", f"{power(far, 2)} → {power(far_cut, 2)}"
    return f"{name}: by norm {words}; clipped per step, step {len(of['raw'])} goes {last} and step 1 {first}."
