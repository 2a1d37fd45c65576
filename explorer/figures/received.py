"""What each step still receives under each truncation, over the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from explorer.engine.clipping import angle
from explorer.engine.records import Trace
from explorer.engine.truncation import TRUNCATIONS
from explorer.figures.gradient_terms import line
from explorer.figures.theme import Picture, decades_axis, decades_range, layout, number, rows_domain, time_axis
from explorer.run import truncate

DASHES = {"full": "solid", "block": "solid", "sliding": "dash", "randomised": "dot"}


def received(traces: Mapping[str, Trace]) -> Picture:
    """log10 ‖δ_k‖ under full, block, sliding and randomised truncation with the same window, small multiples."""
    first = next(iter(traces.values()))
    T = len(first.xs)
    t = np.arange(1, T + 1, dtype=np.int16)
    all_curves, data, axes, words = [], [], {}, []
    kinds = {name: under_each(trace) for name, trace in traces.items()}
    for made in kinds.values():
        all_curves += [gradients.log10_dh_norms for gradients in made.values()]
    low, high = decades_range(*all_curves)
    for i, ((name, made), domain) in enumerate(zip(kinds.items(), rows_domain(len(traces), 0.1), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        on = {"xaxis": "x" + tail, "yaxis": "y" + tail, "showlegend": i == 0}
        for kind, gradients in made.items():
            colour = "$full" if kind == "full" else "$truncated"
            curve = line(t, gradients.log10_dh_norms, kind, colour, 2.0, DASHES.get(kind, "longdash"))
            data.append({**curve, **on})
        last = i == len(traces) - 1
        axes["xaxis" + tail] = time_axis(T, anchor="y" + tail, matches="x" if i else None, showticklabels=last)
        axes["yaxis" + tail] = decades_axis(low, high, domain=domain, title={"text": name}, nticks=4)
        words.append(sentence(name, made))
    return Picture(
        f"What each step receives under each truncation, window {first.config.window}",
        {"data": data, "layout": layout(meta={"time": True}, **axes)},
        " ".join(words),
    )


def under_each(trace: Trace) -> dict:
    """The gradient of one run under every truncation; a window too short for one is lengthened to its least."""
    made = {}
    for kind, truncation in TRUNCATIONS.items():
        window = max(trace.config.window, truncation.min_window)
        made[kind] = truncate(trace, replace(trace.config, truncation=kind, window=window)) or trace.full
    return made


def sentence(name: str, made: Mapping) -> str:
    """By how much each truncation turns and shortens ∂L/∂W_hh."""
    full = {"W_hh": made["full"].grads["W_hh"]}
    words = []
    for kind, gradients in made.items():
        turned = angle(full, {"W_hh": gradients.grads["W_hh"]})
        if kind != "full" and np.isfinite(turned):
            ratio = gradients.norms["W_hh"] / made["full"].norms["W_hh"]
            words.append(f"{kind} {number(100 * ratio, 2)}%, {turned:.0f}°")
    return f"{name}, ∂L/∂W_hh against full: {'; '.join(words) or 'nothing to compare'}."
